import { html, isWebUrl, type Html, safeHref } from '../../page.html.js';
import type { CheckoutView } from '../checkout.acts.js';
import { type ConektaError, refused, wrongKey } from '../conekta.errors.js';
import { failed, type FrameMessage } from './frame.message.js';
import { textsIn } from './language.js';
import { paymentPage } from './payment.layout.js';
import type { Setting } from './setting.js';
import type { Notice, Texts } from './texts.js';

type Mark = 'good' | 'wait' | 'bad';

/** A page that only says something. */
export function noticePage(
  setting: Setting,
  mark: Mark,
  notice: Notice,
  parts: { link?: Html | null; message?: FrameMessage } = {},
): Html {
  const content = html`<section class="card">
    <span class="mark ${mark}" aria-hidden="true">${mark === 'good' ? '✓' : '!'}</span>
    <h1>${notice.title}</h1>
    <p>${notice.text}</p>
    ${parts.link}
  </section>`;
  return paymentPage(setting, { title: notice.title, layout: 'narrow', content, message: parts.message });
}

export function paidPage(setting: Setting, view: CheckoutView, message?: FrameMessage): Html {
  const texts = textsIn(setting.language);
  const link = setting.frame ? null : goOnLink(view, 'paid', texts.backToShop);
  return noticePage(setting, 'good', texts.paid, { link, message });
}

/** What a checkout shows that can no longer be paid: the shop's page for those who paid would say otherwise. */
export function closedPage(setting: Setting, view: CheckoutView): Html {
  const texts = textsIn(setting.language);
  const link =
    setting.frame || view.failureUrl === null
      ? null
      : html`<a class="button quiet" data-action="leave" href="${safeHref(view.failureUrl)}"
          >${texts.backToShop}</a
        >`;
  const notice = closedNotice(view, texts);
  const error = refused(`checkout.${view.status.toLowerCase()}`, { es: notice.title, en: notice.title });
  return noticePage(setting, 'wait', notice, { link, message: failed(error, setting.language) });
}

function closedNotice({ status }: CheckoutView, texts: Texts): Notice {
  if (status === 'Cancelled') return texts.cancelled;
  return status === 'Expired' ? texts.expired : texts.failed;
}

/** Where the shop wants its customer afterwards, told what happened; null when it named no such page. */
export function successAddress(
  { id, orderId, successUrl }: CheckoutView,
  paymentStatus: 'paid' | 'pending_payment',
): string | null {
  if (successUrl === null || !isWebUrl(successUrl)) return null;
  const address = new URL(successUrl);
  address.searchParams.set('checkout_id', id);
  address.searchParams.set('order_id', orderId);
  address.searchParams.set('payment_status', paymentStatus);
  return address.href;
}

export function goOnLink(
  view: CheckoutView,
  paymentStatus: 'paid' | 'pending_payment',
  label: string,
): Html | null {
  const address = successAddress(view, paymentStatus);
  return address === null
    ? null
    : html`<a class="button quiet" data-action="go-on" href="${address}">${label}</a>`;
}

/** No such checkout. */
export function lostPage(setting: Setting, error: ConektaError): Html {
  const { language } = setting;
  return noticePage(setting, 'bad', textsIn(language).lost, { message: failed(error, language) });
}

export function wrongKeyPage(setting: Setting): Html {
  const { language } = setting;
  const words = { es: textsIn('es').wrongKey.text, en: textsIn('en').wrongKey.text };
  const message = failed(wrongKey('invalid_key', words), language);
  return noticePage(setting, 'bad', textsIn(language).wrongKey, { message });
}
