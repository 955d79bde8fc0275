import type { PaymentStatus } from '../../payments/payment/payment.js';

/**
 * What a page tells its reader about a payment. `open` and `not_completed`: it can still be paid, told by the
 * receipt and by the cancel page. `confirming`: somebody comes from the form in our page, and may have paid. `declined`:
 * the last attempt was, and another one is possible; `retried`: the same, to somebody who comes from paying, and whose next
 * attempt may not have been heard of; `refused`: there is no other. `returned` and `left`: the page was opened without naming a payment.
 */
export const OUTCOMES = [
  'paid',
  'partly_refunded',
  'refunded',
  'waiting',
  'confirming',
  'declined',
  'retried',
  'pending',
  'authorized',
  'refused',
  'failed',
  'expired',
  'canceled',
  'review',
  'open',
  'not_completed',
  'returned',
  'left',
] as const;
export type Outcome = (typeof OUTCOMES)[number];

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

/** Seconds until a page asks again; a page that is not listed is final. A voucher takes hours: its page asks calmly. */
export const REFRESH_SECONDS: Readonly<Partial<Record<Outcome, number>>> = {
  waiting: 4,
  confirming: 4,
  retried: 4,
  // Another attempt may be on its way.
  declined: 10,
  authorized: 30,
  pending: 30,
};
