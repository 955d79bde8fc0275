import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import { Eta } from 'eta';
import type { FastifyReply } from 'fastify';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { map, type Observable } from 'rxjs';
import { contentSecurityPolicy } from '../../http/security.headers.js';
import type { EmbeddedCheckout } from '../../providers/payment.ports.js';
import type { Language } from './reader.js';
import { withoutDirectionControls } from '../texts/wording.js';

const TEMPLATES = fileURLToPath(new URL('./templates', import.meta.url));
const STYLE = readFileSync(new URL('./checkout.css', import.meta.url), 'utf8');

export const TIMES = readFileSync(new URL('./times.browser.js', import.meta.url), 'utf8');

export interface Page {
  template: 'message' | 'receipt' | 'embed' | 'voucher' | 'card';
  language: Language;
  title: string;
  /** Default 200. */
  status?: number | undefined;
  /** The browser asks again after so many seconds; undefined: the page is final. */
  refreshSeconds?: number | undefined;
  /** Default: nothing. Its scripts stand in the template, in this order. */
  loads?: PageLoads | undefined;
  /** Whom it loads from learns our origin. */
  showsOrigin?: boolean;
  /** Rules after those of the style sheet. */
  style?: string | undefined;
  /** The shop's origin, which may open the page in a window or a frame. */
  opener?: string | undefined;
  /** For the template, which encodes it. */
  content: object;
}

export interface Redirect {
  location: string;
}

/** Turns the pages that controllers answer with into HTML: one file each, style and scripts inside. */
@Injectable()
export class PageRenderer implements NestInterceptor {
  private readonly eta = newEngine();

  intercept(context: ExecutionContext, next: CallHandler<unknown>): Observable<unknown> {
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    return next.handle().pipe(map((answer) => (isPage(answer) ? this.answer(reply, answer) : answer)));
  }

  /** Sets the answer's status and headers. @returns the HTML. */
  answer(reply: FastifyReply, page: Page | Redirect): string {
    if ('location' in page) {
      void reply.code(303).headers({ location: page.location, 'cache-control': 'no-store' });
      return '';
    }
    const style = STYLE + (page.style ?? '');
    void reply.code(page.status ?? 200).headers({
      'content-type': 'text/html; charset=utf-8',
      'content-language': page.language,
      'content-security-policy': pagePolicy(style, page.loads, page.opener),
      'cache-control': 'no-store',
      'x-robots-tag': 'noindex, nofollow',
    });
    if (page.showsOrigin === true) void reply.header('referrer-policy', 'strict-origin');
    // Browsers part windows by the first header. The second knows no origins; the policy's own rule takes its place.
    if (page.opener !== undefined)
      void reply.header('cross-origin-opener-policy', 'unsafe-none').removeHeader('x-frame-options');
    return this.eta.render(`./${page.template}`, { ...page, style });
  }
}

function isPage(answer: unknown): answer is Page | Redirect {
  return typeof answer === 'object' && answer !== null && ('template' in answer || 'location' in answer);
}

/** Every text in a template is encoded, and none turns the direction in which the page is read. */
function newEngine(): Eta {
  const eta = new Eta({ views: TEMPLATES, cache: true, autoEscape: true });
  const { escapeFunction } = eta.config;
  eta.configure({ escapeFunction: (text) => withoutDirectionControls(escapeFunction(text)) });
  return eta;
}

export function pageScript(file: URL): string {
  return readFileSync(file, 'utf8');
}

/** Text of a `<script type="application/json">`, which it cannot end. */
export function jsonIsland(content: object): string {
  return JSON.stringify(content).replaceAll('<', '\\u003c');
}

export interface PageLoads {
  /** Inline scripts, allowed one by one by their hashes. */
  scripts: readonly string[];
  /** Origins, or `'self'`. */
  sources?: Readonly<Partial<Record<'script' | 'frame' | 'connect' | 'img', readonly string[]>>>;
  /** True where a script that it loads writes styles into the page. */
  inlineStyle?: boolean;
}

/** Only this style sheet and what the page loads: whatever gets written into it runs and sends nothing else. */
function pagePolicy(style: string, loads: PageLoads = { scripts: [] }, framedBy?: string): string {
  const { script = [], frame = [], connect = [], img = [] } = loads.sources ?? {};
  return contentSecurityPolicy({
    // Beside a hash, browsers ignore 'unsafe-inline'.
    'style-src': loads.inlineStyle === true ? "'unsafe-inline'" : hashSource(style),
    ...directive('script-src', [...loads.scripts.map(hashSource), ...script]),
    ...directive('frame-src', frame),
    ...directive('connect-src', connect),
    ...directive('img-src', img),
    ...directive('frame-ancestors', framedBy === undefined ? [] : [framedBy]),
  });
}

function directive(name: string, sources: readonly string[]): Record<string, string> {
  return sources.length === 0 ? {} : { [name]: [...new Set(sources)].join(' ') };
}

function hashSource(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

/** For a provider's form. `scripts` are inline, in the page's order; `connect`: whom ours talk to. */
export function formLoads(
  { scriptUrl, sources }: EmbeddedCheckout,
  scripts: readonly string[],
  connect: readonly string[] = [],
): PageLoads {
  return {
    scripts,
    sources: {
      script: [new URL(scriptUrl).origin, ...sources.script],
      frame: sources.frame,
      connect: [...connect, ...sources.connect],
      img: sources.image,
    },
    inlineStyle: sources.inlineStyle,
  };
}
