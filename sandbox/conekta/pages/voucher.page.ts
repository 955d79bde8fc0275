import { html, type Html, safeHref } from '../../page.html.js';
import type { CheckoutView, VoucherView } from '../checkout.acts.js';
import type { FrameMessage } from './frame.message.js';
import { textsIn } from './language.js';
import { goOnLink } from './notice.page.js';
import { paymentPage } from './payment.layout.js';
import type { Setting } from './setting.js';
import { amountText, momentText } from './written.text.js';

/** What to pay in cash or to transfer to. It is paid elsewhere, so the page leads on to the shop. */
export function voucherPage(
  setting: Setting,
  view: CheckoutView,
  voucher: VoucherView,
  message?: FrameMessage,
): Html {
  const { language } = setting;
  const texts = textsIn(language).voucher;
  const isCash = voucher.kind === 'cash';
  const title = isCash ? texts.cashTitle : texts.transferTitle;
  const content = html`<section class="card" data-voucher="${voucher.kind}">
    <h1>${title}</h1>
    <p class="total">${amountText(view.amount, view.currency, language)}</p>
    <p>${isCash ? texts.cashText : texts.transferText}</p>
    <p class="hint label">${isCash ? texts.reference : texts.clabe}</p>
    <p class="reference">${isCash ? grouped(voucher.reference) : voucher.clabe}</p>
    ${isCash && html`<img class="barcode" src="${safeHref(voucher.barcodeUrl)}" alt="${texts.barcode}" />`}
    <dl>
      ${
        !isCash &&
        html`<dt>${texts.bank}</dt>
          <dd>${voucher.bank}</dd>`
      }
      <dt>${texts.expires}</dt>
      <dd>${momentText(voucher.expiresAt, language)}</dd>
    </dl>
    ${setting.frame === null && goOnLink(view, 'pending_payment', texts.goOn)}
  </section>`;
  return paymentPage(setting, { title, layout: 'narrow', content, message });
}

/** In fours, as it is read out at the till. */
function grouped(reference: string): string {
  return reference.replaceAll(/(\d{4})(?=\d)/g, '$1 ');
}
