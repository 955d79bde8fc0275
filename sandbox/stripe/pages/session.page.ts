import type { FastifyReply } from 'fastify';
import { html, safeHref, type Html } from '../../page.html.js';
import { page, type PageParts, sendPage } from '../../page.layout.js';
import type { SessionRecord } from '../stripe.types.js';

export const FRAME_SCRIPT = '/js/embedded.frame.js';

/**
 * A page of one session: a whole window, or for an embedded session a frame in somebody else's.
 *
 * @param isLast nothing is left to do in the frame
 */
export function sessionPage(record: SessionRecord, { content, ...parts }: PageParts, isLast = false): Html {
  return page({ ...parts, content: html`${content} ${isEmbedded(record) && frameScript(record, isLast)}` });
}

/** A frame may run the one script that speaks to the page around it, and be shown by that page alone. */
export function sendSessionPage(
  reply: FastifyReply,
  record: SessionRecord,
  content: Html,
  status = 200,
): FastifyReply {
  if (!isEmbedded(record)) return sendPage(reply, content, status);
  const policy = `script-src 'self'; frame-ancestors ${record.shownAt ?? "'none'"}`;
  return sendPage(reply, content, status, policy);
}

export function isEmbedded({ session }: SessionRecord): boolean {
  return session.ui_mode === 'embedded_page';
}

/** Where the customer goes after paying, with the session's id filled in. */
export function returnUrl({ session }: SessionRecord): string | null {
  const address = session.success_url ?? session.return_url ?? null;
  return address === null ? null : address.replaceAll('{CHECKOUT_SESSION_ID}', session.id);
}

/** An embedded session ends in its frame, whose last page takes the whole window to the shop. */
export function addressAfter(record: SessionRecord): string {
  const here = `/c/pay/${record.session.id}`;
  return isEmbedded(record) ? here : (returnUrl(record) ?? here);
}

/** A link out of the payment, which in a frame leads the whole window there. */
export function linkOut(record: SessionRecord, address: string, label: string): Html {
  const target = isEmbedded(record) && html`target="_top"`;
  return html`<a class="button quiet" href="${safeHref(address)}" ${target}>${label}</a>`;
}

function frameScript(record: SessionRecord, isLast: boolean): Html {
  const leaves = record.session.redirect_on_completion === 'always' ? returnUrl(record) : '';
  return html`<script
    src="${FRAME_SCRIPT}"
    data-reader="${record.shownAt}"
    ${isLast && html`data-complete="yes" data-return-url="${leaves}"`}
  ></script>`;
}
