import type { Money } from '../../kernel/money.js';
import { isPaid, type PaymentStatus } from '../../payments/payment/payment.js';
import { type Link, shopLink } from '../page/shop.url.js';
import {
  backLink,
  continueLink,
  type Fact,
  footOf,
  hasVoucher,
  isPayable,
  orderFacts,
  payHref,
  payLink,
  type PaymentPage,
  type Root,
} from './payment.page.js';
import type { Page } from '../page/page.renderer.js';
import { type Reader, TEXTS } from '../page/reader.js';
import { amountWithCode } from '../texts/wording.js';
import type { Outcome, Texts } from '../texts/texts.en.js';
import { numbersOf } from './voucher.view.js';

export type Tone = 'good' | 'wait' | 'bad' | 'plain';

/** The page a customer comes back to after paying. Only the database's word makes it `paid`. */
export const OUTCOME_OF: Readonly<Record<PaymentStatus, Outcome>> = {
  created: 'waiting',
  unknown: 'waiting',
  pending: 'pending',
  authorized: 'authorized',
  succeeded: 'paid',
  partially_refunded: 'partly_refunded',
  refunded: 'refunded',
  failed: 'failed',
  expired: 'expired',
  canceled: 'canceled',
  review: 'review',
};

export const TONE_OF: Readonly<Record<Outcome, Tone>> = {
  paid: 'good',
  partly_refunded: 'good',
  refunded: 'plain',
  waiting: 'wait',
  confirming: 'wait',
  declined: 'bad',
  retried: 'wait',
  pending: 'wait',
  authorized: 'wait',
  refused: 'bad',
  failed: 'bad',
  expired: 'bad',
  canceled: 'plain',
  review: 'wait',
  open: 'plain',
  not_completed: 'plain',
  returned: 'plain',
  left: 'plain',
};

/** Seconds until a page asks again; one that is not listed is final. */
export const REFRESH_SECONDS: Readonly<Partial<Record<Outcome, number>>> = {
  waiting: 4,
  confirming: 4,
  retried: 4,
  // Another attempt may be on its way.
  declined: 10,
  authorized: 30,
  pending: 30,
};

/** Back from the provider's page after paying (`success`) or leaving (`cancel`), from our form (`return`). */
type Door = 'success' | 'cancel' | 'return' | 'pay' | 'receipt';

/** Who comes from paying waits for the confirmation; for others nothing is on its way. */
const OUTCOME_OF_CREATED: Readonly<Record<Door, Outcome>> = {
  success: OUTCOME_OF.created,
  return: OUTCOME_OF.created,
  cancel: 'not_completed',
  pay: 'open',
  receipt: 'open',
};

/** Words in the codes with which a bank or provider refuses a card. */
const CARD_REFUSED =
  /declin|reject|fraud|insufficient|expired_card|incorrect|invalid_c|lost|stolen|authentication/;

/** Where a customer is offered to pay: never beside the words that they must not. */
const OFFERS_PAYING = new Set<Outcome>(['open', 'not_completed', 'confirming', 'declined']);

/** What a program is told in place of the page. `ok`: the payment is paid, or, where none is named, the door's word. */
export interface Told {
  ok: boolean;
  message: string;
}

export function toldAbout(payment: PaymentPage | undefined, door: Door, reader: Reader): Told {
  const { text } = TEXTS[reader.language].outcomes[outcomeOf(payment, door)];
  return { ok: payment === undefined ? door !== 'cancel' : isPaid(payment.status), message: text };
}

interface Place {
  root?: Root | undefined;
  /** The way back where no payment is known. */
  home?: string | undefined;
}

export function messagePage(
  payment: PaymentPage | undefined,
  door: Door,
  reader: Reader,
  { root = door === 'return' ? '../../' : '../', home }: Place = {},
): Page {
  const texts = TEXTS[reader.language];
  const outcome = outcomeOf(payment, door);
  const { title, text } = texts.outcomes[outcome];
  const refreshSeconds = REFRESH_SECONDS[outcome];
  const links = payment === undefined ? shopLink(home, texts) : linksOf(payment, outcome, door, texts, root);
  const foot = payment && footOf(payment, texts);
  return {
    template: 'message',
    language: reader.language,
    title,
    refreshSeconds,
    content: {
      tone: TONE_OF[outcome],
      text,
      facts: payment === undefined ? [] : factsOf(payment, outcome, reader, texts),
      links,
      hint: hintOf(payment, outcome, texts),
      note: refreshSeconds === undefined ? undefined : texts.refreshes,
      closing: links.length === 0 ? texts.close : foot?.closing,
      testMode: foot?.testMode,
    },
  };
}

export function outcomeOf(payment: PaymentPage | undefined, door: Door): Outcome {
  if (payment === undefined) return door === 'cancel' ? 'left' : 'returned';
  const { status, failure, method } = payment;
  if (status === 'created') {
    if (failure !== undefined) return afterDecline(door);
    return door === 'return' && isPayable(payment) ? 'confirming' : OUTCOME_OF_CREATED[door];
  }
  if (status === 'failed' && CARD_REFUSED.test(failure ?? '')) return 'refused';
  // Without a voucher the bank has seen the buyer, and decides.
  const isAtTheBank = status === 'pending' && (method?.type ?? 'card') === 'card';
  if (!isAtTheBank) return OUTCOME_OF[status];
  return failure === undefined ? 'waiting' : afterDecline(door);
}

/** Nobody comes to the success page from a declined attempt: a later one is not known here yet. */
function afterDecline(door: Door): Outcome {
  return door === 'success' ? 'retried' : 'declined';
}

function hintOf(payment: PaymentPage | undefined, outcome: Outcome, texts: Texts): string | undefined {
  if (payment === undefined) return undefined;
  if (outcome === 'confirming') return texts.notPaidAfterAll;
  return isPaid(payment.status) && payment.disputed === true ? texts.disputed : undefined;
}

function factsOf(payment: PaymentPage, outcome: Outcome, reader: Reader, texts: Texts): Fact[] {
  return [
    ...orderFacts(payment, texts),
    ...moneyFacts(payment, reader, texts),
    // Who comes back here may have lost the voucher.
    ...(outcome === 'pending' ? numbersOf(payment.method ?? {}, texts) : []).map(({ label, groups }) => ({
      label,
      value: groups.join(' '),
    })),
  ];
}

/** What came in and went back; else what is asked for. */
function moneyFacts(payment: PaymentPage, { locale }: Reader, { receipt }: Texts): Fact[] {
  const { status, amount, amountCaptured, amountRefunded, received, currency } = payment;
  const fact = (label: string, money: Money): Fact[] => [{ label, value: amountWithCode(money, locale) }];
  if (status === 'review') return received === undefined ? [] : fact(receipt.received, received);
  if (!isPaid(status)) return fact(receipt.total, { amount, currency });
  return [
    ...fact(receipt.paid, { amount: amountCaptured, currency }),
    ...(amountRefunded > 0n ? fact(receipt.refunded, { amount: amountRefunded, currency }) : []),
  ];
}

function linksOf(payment: PaymentPage, outcome: Outcome, door: Door, texts: Texts, root: Root): Link[] {
  const { viewReceipt, seeVoucher, checkAgain } = texts.links;
  if (isPaid(payment.status)) {
    const onward = continueLink(payment, texts);
    const kind = onward.length > 0 ? 'secondary' : 'primary';
    return [...onward, { kind, href: `${root}payments/${payment.paymentId}/receipt`, label: viewReceipt }];
  }
  const asksAgain = REFRESH_SECONDS[outcome] !== undefined;
  const href = door === 'return' ? 'return' : `?payment=${payment.paymentId}`;
  return [
    ...(hasVoucher(payment)
      ? [{ kind: 'primary' as const, href: payHref(root, payment), label: seeVoucher }]
      : []),
    ...(OFFERS_PAYING.has(outcome) ? payLink(root, payment, texts) : []),
    // For browsers that do not follow the page's own refresh.
    ...(asksAgain ? [{ kind: 'secondary' as const, href, label: checkAgain }] : []),
    ...backLink(payment, texts),
  ];
}
