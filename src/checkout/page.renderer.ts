import { Injectable } from '@nestjs/common';
import { Eta } from 'eta';
import type { FastifyReply } from 'fastify';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { contentSecurityPolicy } from '../http/security.headers.js';
import type { Language } from './language.js';
import { withoutDirectionControls } from './written.text.js';

const TEMPLATES = fileURLToPath(new URL('./templates', import.meta.url));
const STYLE = readFileSync(new URL('./checkout.css', import.meta.url), 'utf8');

/** One page: which template, with what, around it the layout. */
export interface Page {
  template: 'message' | 'receipt';
  language: Language;
  title: string;
  /** Default 200. */
  status?: number | undefined;
  /** The browser asks again after so many seconds; undefined: the page is final. */
  refreshSeconds?: number | undefined;
  /** What the template shows, as text that is ready to be read: encoding is the template's work. */
  content: object;
}

/** Makes the customer's pages: one file each, style inside, nothing loaded from anywhere and no script. */
@Injectable()
export class PageRenderer {
  private readonly eta = newEngine();
  private readonly policy = policyFor(STYLE);

  /** Sets the answer's status and headers. @returns the HTML. */
  answer(reply: FastifyReply, page: Page): string {
    void reply.code(page.status ?? 200).headers({
      'content-type': 'text/html; charset=utf-8',
      'content-language': page.language,
      'content-security-policy': this.policy,
      'cache-control': 'no-store',
      'x-robots-tag': 'noindex, nofollow',
    });
    return this.eta.render(`./${page.template}`, { ...page, style: STYLE });
  }
}

/** Every text that enters a template is encoded, and none turns the direction in which the page is read. */
function newEngine(): Eta {
  const eta = new Eta({ views: TEMPLATES, cache: true, autoEscape: true });
  const { escapeFunction } = eta.config;
  eta.configure({ escapeFunction: (text) => withoutDirectionControls(escapeFunction(text)) });
  return eta;
}

/** Nothing but this very style sheet: a page that an attacker manages to write into still loads and sends nothing. */
function policyFor(style: string): string {
  const hash = createHash('sha256').update(style).digest('base64');
  return contentSecurityPolicy({ 'style-src': `'sha256-${hash}'` });
}
