import { Injectable } from '@nestjs/common';
import type { EmbeddedCheckout } from '../../providers/payment.ports.js';
import { ProviderRegistry } from '../../providers/provider.registry.js';
import { httpUrl } from '../page/shop.url.js';
import { footOf, hasVoucher, isPayable, orderFacts, type PaymentPage } from './payment.page.js';
import { orderSummary } from './order.summary.js';
import { formLoads, jsonIsland, type Page, pageScript, type Redirect } from '../page/page.renderer.js';
import { voucherPage } from './voucher.view.js';
import { type Reader, TEXTS } from '../page/reader.js';
import { messagePage } from './payment.message.js';
import { amountWithCode } from '../texts/wording.js';

/** Decides by what a payment is now which page its customer gets at `/pay/<id>`, and at `/pay/<id>/return`. */
@Injectable()
export class PayPages {
  constructor(private readonly providers: ProviderRegistry) {}

  /** The form, or the provider's own page; with a voucher, the voucher; otherwise the result. */
  pay(payment: PaymentPage, reader: Reader): Page | Redirect {
    if (hasVoucher(payment) && payment.method !== undefined)
      return voucherPage(payment, payment.method, reader);
    if (!isPayable(payment)) return { location: `${payment.paymentId}/return` };
    if (payment.ui === 'hosted') return { location: httpUrl(payment.checkoutUrl) ?? '' };
    const checkout = this.formOf(payment, reader);
    return checkout === undefined ? notOfferedPage(payment, reader) : embedPage(payment, checkout, reader);
  }

  result(payment: PaymentPage, reader: Reader): Page | Redirect {
    if (hasVoucher(payment)) return { location: `../${payment.paymentId}` };
    return messagePage(payment, 'return', reader);
  }

  /** Undefined where an operator took away the provider's keys since the session was opened. */
  private formOf({ provider: name, embed }: PaymentPage, { language }: Reader) {
    const provider = this.providers.find(name);
    if (embed === undefined || provider?.capabilities.has('embedded_checkout') !== true) return undefined;
    return provider.embeddedCheckout?.(embed, language);
  }
}

function notOfferedPage(payment: PaymentPage, { language }: Reader): Page {
  const texts = TEXTS[language];
  const { title, text } = texts.notOffered;
  const content = { tone: 'bad', text, facts: orderFacts(payment, texts), ...footOf(payment, texts) };
  return { template: 'message', language, title, status: 503, content };
}

const FORM_SCRIPT = pageScript(new URL('./embed.browser.js', import.meta.url));

/** More lines than these are folded away: the customer is here to pay. */
const MOST_LINES_SHOWN = 5;

export function embedPage(payment: PaymentPage, checkout: EmbeddedCheckout, reader: Reader): Page {
  const texts = TEXTS[reader.language];
  const { amount, currency, paymentId } = payment;
  const { loading, notLoaded, notSeen, failed } = texts.pay;
  return {
    template: 'embed',
    language: reader.language,
    title: texts.pay.title,
    loads: formLoads(checkout, [FORM_SCRIPT, checkout.driver]),
    // Providers let registered origins use their forms.
    showsOrigin: true,
    content: {
      texts: texts.pay,
      tryAgain: texts.links.tryAgain,
      headline: amountWithCode({ amount, currency }, reader.locale),
      facts: orderFacts(payment, texts),
      order: orderSummary(payment, reader, texts),
      isFolded: payment.items.length > MOST_LINES_SHOWN,
      ...footOf(payment, texts),
      self: paymentId,
      scriptUrl: checkout.scriptUrl,
      island: jsonIsland({
        config: checkout.config,
        returnTo: `${paymentId}/return`,
        texts: { loading, notLoaded, notSeen, failed, problems: texts.problems },
      }),
    },
  };
}
