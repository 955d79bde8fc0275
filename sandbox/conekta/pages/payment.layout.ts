import type { FastifyReply } from 'fastify';
import { html, Html } from '../../page.html.js';
import { STYLE } from '../../page.style.js';
import type { FrameMessage } from './frame.message.js';
import { textsIn } from './language.js';
import { PAYMENT_STYLE } from './payment.style.js';
import type { Setting } from './setting.js';

export const FRAME_SCRIPT_PATH = '/component/frame.js';

export interface PaymentPage {
  title: string;
  /** `two` puts two columns side by side where there is room. */
  layout: 'narrow' | 'two';
  content: Html;
  /** What the page tells the shop's page, where it stands in a frame. */
  message?: FrameMessage;
}

/** A whole page for a window or for a frame. It says at its top that nothing here is real. */
export function paymentPage(setting: Setting, { title, layout, content, message }: PaymentPage): Html {
  const texts = textsIn(setting.language);
  const { frame } = setting;
  return html`<!doctype html>
    <html lang="${setting.language}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <link rel="icon" href="data:," />
        <title>${title} (sandbox)</title>
        <style>
          ${STYLE}
          ${PAYMENT_STYLE}
          ${frame && new Html(frame.look.css)}
        </style>
        ${frame && html`<script src="${FRAME_SCRIPT_PATH}" defer></script>`}
      </head>
      <body
        class="${frame ? 'framed' : 'whole'}"
        data-parent="${frame?.parentOrigin}"
        data-message="${frame && message && JSON.stringify(message)}"
      >
        <p class="banner" role="note">
          <strong>${texts.sandbox}</strong> ${frame ? texts.bannerShort : texts.bannerText}
        </p>
        <main class="${layout}">${content}</main>
      </body>
    </html>`;
}

/**
 * No `frame-ancestors` and no `form-action`: any shop may frame these pages, and a paid form is
 * answered by a redirect to the shop, which `form-action` would stop.
 * @param images where pictures may come from, besides the page's own origin
 */
export function sendPayment(reply: FastifyReply, content: Html, images: string, status = 200): FastifyReply {
  const policy = [
    "default-src 'none'",
    "style-src 'unsafe-inline'",
    "script-src 'self'",
    `img-src 'self' data: ${images}`,
    "base-uri 'none'",
  ];
  return reply
    .code(status)
    .header('content-security-policy', policy.join('; '))
    .header('referrer-policy', 'no-referrer')
    .header('x-content-type-options', 'nosniff')
    .header('cache-control', 'no-store')
    .type('text/html; charset=utf-8')
    .send(content.text);
}
