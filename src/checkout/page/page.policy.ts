import { createHash } from 'node:crypto';
import { contentSecurityPolicy } from '../../http/security.headers.js';

/** What a page runs and loads beside its own style sheet. */
export interface PageLoads {
  /** Inline scripts, allowed one by one by their hashes. */
  scripts: readonly string[];
  /** Origins, or `'self'`. */
  sources?: Readonly<Partial<Record<'script' | 'frame' | 'connect' | 'img', readonly string[]>>>;
  /** True where a script that it loads writes styles into the page. */
  inlineStyle?: boolean;
}

/**
 * Nothing but this very style sheet and what the page says that it loads: a page that an attacker manages to
 * write into still runs nothing else, and sends nothing anywhere else.
 * @param framedBy an origin that may show it in a frame; undefined: nobody may.
 */
export function pagePolicy(style: string, loads: PageLoads = { scripts: [] }, framedBy?: string): string {
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
