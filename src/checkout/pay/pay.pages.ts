import { Injectable } from '@nestjs/common';
import { httpUrl } from '../http.url.js';
import { backLink, closingOf } from '../page/page.links.js';
import type { Page, Redirect } from '../page/page.renderer.js';
import { hasVoucher, isPayable, type PaymentPage } from '../payment.page.js';
import { TEXTS } from '../reader/language.js';
import type { Reader } from '../reader/reader.js';
import { messagePage } from '../result/payment.message.js';
import { embedPage } from './embed.view.js';
import { EmbeddedCheckouts } from './embedded.checkouts.js';
import { voucherPage } from './voucher.view.js';
import { orderFacts } from '../order.fact.js';

/** Decides by what a payment is now which page its customer gets at `/pay/<id>`, and at `/pay/<id>/return`. */
@Injectable()
export class PayPages {
  constructor(private readonly embedded: EmbeddedCheckouts) {}

  /** The form, or the provider's own page; with a voucher, the voucher; otherwise the result. */
  pay(payment: PaymentPage, reader: Reader): Page | Redirect {
    if (hasVoucher(payment) && payment.method !== undefined)
      return voucherPage(payment, payment.method, reader);
    if (!isPayable(payment)) return { location: `${payment.paymentId}/return` };
    if (payment.ui === 'hosted') return { location: httpUrl(payment.checkoutUrl) ?? '' };
    const checkout = this.embedded.find(payment, reader.language);
    return checkout === undefined ? notOfferedPage(payment, reader) : embedPage(payment, checkout, reader);
  }

  /** What came of it, as far as our own records say. */
  result(payment: PaymentPage, reader: Reader): Page | Redirect {
    if (hasVoucher(payment)) return { location: `../${payment.paymentId}` };
    return messagePage(payment, 'return', reader);
  }
}

function notOfferedPage(payment: PaymentPage, { language }: Reader): Page {
  const texts = TEXTS[language];
  const { title, text } = texts.notOffered;
  const content = {
    tone: 'bad',
    text,
    facts: orderFacts(payment, texts),
    links: backLink(payment, texts),
    hint: undefined,
    note: undefined,
    closing: closingOf(payment, texts),
    testMode: payment.livemode ? undefined : texts.testMode,
  };
  return { template: 'message', language, title, status: 503, content };
}
