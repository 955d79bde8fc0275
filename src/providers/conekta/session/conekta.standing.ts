import type { ConektaCharge } from '../payment/conekta.charge.js';
import { type ConektaOrder, isPaidOrder, isReleased } from '../payment/conekta.order.js';

/** Whether an order can still be paid on its checkout. */
export type Standing =
  | 'open'
  /** Money came in or is held, or a voucher is out that somebody may be carrying to a shop. */
  | 'paying'
  | 'closed';

/** Without charges, only the order itself tells that somebody is paying. */
const WAITING = new Set(['pending_payment', 'under_fraud_review']);

/** Not `fraudulent`: as long as the checkout takes another card, the order can be paid. */
const CLOSED = new Set(['canceled', 'expired', 'voided']);

/** That money came in or is held the order itself says, whatever its charges show. */
export function isTaken(order: ConektaOrder): boolean {
  return isPaidOrder(order) || (order.paymentStatus === 'pre_authorized' && !isReleased(order));
}

export function standingOf(order: ConektaOrder): Standing {
  const { charges, paymentStatus = '', checkout } = order;
  if (isTaken(order)) return 'paying';
  if (charges.length > 0 ? charges.some(isPaying) : WAITING.has(paymentStatus)) return 'paying';
  if (CLOSED.has(paymentStatus)) return 'closed';
  return checkout?.status === undefined || checkout.status === 'issued' ? 'open' : 'closed';
}

/** A card whose bank asks its holder is not paid with yet, and may never be. */
function isPaying({ state, status }: ConektaCharge): boolean {
  if (state === 'waiting') return status !== 'pending_confirmation';
  return state === 'paid' || state === 'held' || state === 'reversed';
}
