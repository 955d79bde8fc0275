import type { FastifyReply } from 'fastify';
import { html, type Html } from './page.html.js';
import { STYLE } from './page.style.js';

export type PageLanguage = 'en' | 'es';

export interface PageParts {
  title: string;
  /** English when absent. */
  language?: PageLanguage;
  /** The provider that this page stands in for. */
  provider: string;
  /** `two` puts two columns side by side where there is room. */
  layout: 'narrow' | 'two';
  content: Html;
}

const BANNERS: Record<PageLanguage, (provider: string) => string> = {
  en: (provider) =>
    `This page stands in for ${provider}. No money moves, and no real card should be typed here.`,
  es: (provider) =>
    `Esta página hace las veces de ${provider}. No se mueve dinero; no escribas una tarjeta real.`,
};

/** A whole page. It says at its top that nothing here is real. */
export function page({ title, language = 'en', provider, layout, content }: PageParts): Html {
  return html`<!doctype html>
    <html lang="${language}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <title>${title}</title>
        <style>
          ${STYLE}
        </style>
      </head>
      <body>
        <p class="banner" role="note"><strong>Sandbox.</strong> ${BANNERS[language](provider)}</p>
        <main class="${layout}">${content}</main>
      </body>
    </html>`;
}

const NOTHING = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'";

/** Sends a page that may load and run nothing, unless `policy` adds directives that let it. */
export function sendPage(reply: FastifyReply, content: Html, status = 200, policy = ''): FastifyReply {
  return reply
    .code(status)
    .header('content-security-policy', policy === '' ? NOTHING : `${NOTHING}; ${policy}`)
    .header('referrer-policy', 'no-referrer')
    .header('x-content-type-options', 'nosniff')
    .header('cache-control', 'no-store')
    .type('text/html; charset=utf-8')
    .send(content.text);
}
