import { isPaid } from '../payments/payment/payment.js';
import { TEXTS } from './language.js';
import { amountWithCode } from './money.text.js';
import { OUTCOME_OF, type Outcome, REFRESH_SECONDS, TONE_OF } from './outcome.js';
import { type Link, checkoutLink } from './page.links.js';
import type { Page } from './page.renderer.js';
import type { PaymentPage } from './payment.page.js';
import type { Reader } from './reader.js';
import type { Texts } from './texts.js';

/** The page that the customer came back to: after paying (`success`) or after leaving (`cancel`). */
export type Door = 'success' | 'cancel';

/** What a program is told in place of the page. `ok`: the payment is paid, or, where none is named, the door's word. */
export interface Told {
  ok: boolean;
  message: string;
}

export function toldAbout(payment: PaymentPage | undefined, door: Door, reader: Reader): Told {
  const { text } = TEXTS[reader.language].outcomes[outcomeOf(payment, door)];
  return { ok: payment === undefined ? door === 'success' : isPaid(payment.status), message: text };
}

export function messagePage(payment: PaymentPage | undefined, door: Door, reader: Reader): Page {
  const texts = TEXTS[reader.language];
  const outcome = outcomeOf(payment, door);
  const { title, text } = texts.outcomes[outcome];
  const refreshSeconds = REFRESH_SECONDS[outcome];
  return {
    template: 'message',
    language: reader.language,
    title,
    refreshSeconds,
    content: {
      tone: TONE_OF[outcome],
      text,
      facts: payment === undefined ? [] : factsOf(payment, outcome, reader, texts),
      links: payment === undefined ? [] : linksOf(payment, outcome, texts),
      note: refreshSeconds === undefined ? undefined : texts.refreshes,
      testMode: payment?.livemode === false ? texts.testMode : undefined,
    },
  };
}

/** Somebody who left before paying is not told to wait: nothing is on its way. */
function outcomeOf(payment: PaymentPage | undefined, door: Door): Outcome {
  if (payment === undefined) return door === 'success' ? 'returned' : 'left';
  return door === 'cancel' && payment.status === 'created' ? 'not_completed' : OUTCOME_OF[payment.status];
}

interface Fact {
  label: string;
  value: string;
}

function factsOf(payment: PaymentPage, outcome: Outcome, reader: Reader, texts: Texts): Fact[] {
  const { amount, currency } = payment;
  return [
    { label: texts.receipt.order, value: payment.orderId },
    { label: texts.receipt.total, value: amountWithCode({ amount, currency }, reader.locale) },
    ...(outcome === 'pending' ? payingFacts(payment, texts) : []),
  ];
}

/** What it takes to pay later: who comes back here may have lost the voucher. */
function payingFacts({ method }: PaymentPage, texts: Texts): Fact[] {
  const fact = (label: string, value: string | undefined): Fact[] =>
    value === undefined ? [] : [{ label, value: inFours(value) }];
  return [...fact(texts.clabe, method?.clabe), ...fact(texts.reference, method?.reference)];
}

/** Long numbers are copied by hand. Anything but digits stays as it is. */
function inFours(value: string): string {
  return /^\d{12,}$/.test(value) ? value.replace(/\d{4}(?=\d)/g, '$& ') : value;
}

// Links are relative to /payments/success and /payments/cancel: right behind any proxy that puts a path in front.
function linksOf(payment: PaymentPage, outcome: Outcome, { links }: Texts): Link[] {
  if (isPaid(payment.status)) {
    return [{ kind: 'primary', href: `${payment.paymentId}/receipt`, label: links.viewReceipt }];
  }
  if (outcome === 'not_completed') return checkoutLink(payment, links.continuePaying);
  // For browsers that do not follow the page's own refresh.
  const asks = REFRESH_SECONDS[outcome] !== undefined;
  return asks ? [{ kind: 'secondary', href: `?payment=${payment.paymentId}`, label: links.checkAgain }] : [];
}
