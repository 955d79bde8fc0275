import { isClosed, isPaid } from '../../payments/payment/payment.js';
import { TEXTS } from '../reader/language.js';
import { amountWithCode } from '../texts/money.text.js';
import { OUTCOME_OF, type Outcome, REFRESH_SECONDS, TONE_OF } from './outcome.js';
import {
  type Link,
  type Root,
  backLink,
  continueLink,
  payHref,
  payLink,
  receiptHref,
} from '../page/page.links.js';
import { inFours } from '../texts/digits.text.js';
import type { Page } from '../page/page.renderer.js';
import { hasVoucher, isPayable, type PaymentPage } from '../payment.page.js';
import type { Reader } from '../reader/reader.js';
import type { Texts } from '../texts/texts.js';
import { orderFacts } from '../order.fact.js';

/**
 * How the customer came here: back from the provider's page after paying (`success`) or after leaving (`cancel`),
 * back from the form in our own page (`return`), or on the way to paying (`pay`).
 */
export type Door = 'success' | 'cancel' | 'return' | 'pay';

/** Somebody who comes from paying waits for the confirmation; for anybody else nothing is on its way. */
const OUTCOME_OF_CREATED: Readonly<Record<Door, Outcome>> = {
  success: OUTCOME_OF.created,
  return: OUTCOME_OF.created,
  cancel: 'not_completed',
  pay: 'open',
};

/** What a program is told in place of the page. `ok`: the payment is paid, or, where none is named, the door's word. */
export interface Told {
  ok: boolean;
  message: string;
}

export function toldAbout(payment: PaymentPage | undefined, door: Door, reader: Reader): Told {
  const { text } = TEXTS[reader.language].outcomes[outcomeOf(payment, door)];
  return { ok: payment === undefined ? door !== 'cancel' : isPaid(payment.status), message: text };
}

/** @param root from the page's own folder to the service's root; default: where the door's page is */
export function messagePage(
  payment: PaymentPage | undefined,
  door: Door,
  reader: Reader,
  root: Root = door === 'return' ? '../../' : '../',
): Page {
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
      links: payment === undefined ? [] : linksOf(payment, outcome, door, texts, root),
      hint:
        payment !== undefined && outcome === 'waiting' && isPayable(payment)
          ? texts.notPaidAfterAll
          : undefined,
      note: refreshSeconds === undefined ? undefined : texts.refreshes,
      testMode: payment?.livemode === false ? texts.testMode : undefined,
    },
  };
}

function outcomeOf(payment: PaymentPage | undefined, door: Door): Outcome {
  if (payment === undefined) return door === 'cancel' ? 'left' : 'returned';
  if (payment.status === 'created') return OUTCOME_OF_CREATED[door];
  // Without a voucher nobody is asked to pay: the bank has seen the buyer, and will say what it thinks.
  const isAtTheBank = payment.status === 'pending' && (payment.method?.type ?? 'card') === 'card';
  return isAtTheBank ? 'waiting' : OUTCOME_OF[payment.status];
}

interface Fact {
  label: string;
  value: string;
}

function factsOf(payment: PaymentPage, outcome: Outcome, reader: Reader, texts: Texts): Fact[] {
  const { amount, currency } = payment;
  return [
    ...orderFacts(payment, texts),
    { label: texts.receipt.total, value: amountWithCode({ amount, currency }, reader.locale) },
    ...(outcome === 'pending' ? payingFacts(payment, texts) : []),
  ];
}

/** What it takes to pay later: who comes back here may have lost the voucher. */
function payingFacts({ method }: PaymentPage, texts: Texts): Fact[] {
  const fact = (label: string, value: string | undefined): Fact[] =>
    value === undefined ? [] : [{ label, value: inFours(value).join(' ') }];
  return [...fact(texts.clabe, method?.clabe), ...fact(texts.reference, method?.reference)];
}

function linksOf(payment: PaymentPage, outcome: Outcome, door: Door, texts: Texts, root: Root): Link[] {
  const { viewReceipt, seeVoucher, checkAgain } = texts.links;
  if (isPaid(payment.status)) {
    const onward = continueLink(payment, texts);
    const kind = onward.length > 0 ? 'secondary' : 'primary';
    return [...onward, { kind, href: receiptHref(root, payment), label: viewReceipt }];
  }
  if (outcome === 'not_completed') return [...payLink(root, payment, texts), ...backLink(payment, texts)];
  if (isClosed(payment.status)) return backLink(payment, texts);
  if (REFRESH_SECONDS[outcome] === undefined) return [];
  const href = door === 'return' ? 'return' : `?payment=${payment.paymentId}`;
  return [
    ...(hasVoucher(payment) ? [link('primary', payHref(root, payment), seeVoucher)] : []),
    // For browsers that do not follow the page's own refresh.
    link('secondary', href, checkAgain),
    // A declined attempt leaves the payment open: nobody is kept waiting for what will not come.
    ...payLink(root, payment, texts).map((one) => ({ ...one, kind: 'secondary' as const })),
  ];
}

function link(kind: Link['kind'], href: string, label: string): Link {
  return { kind, href, label };
}
