import type { Fact, PaymentFact, PaymentFactName } from '../../facts.js';
import type { ConektaCharge } from './conekta.charge.read.js';
import { type ConektaChargeback, disputeFacts } from './conekta.dispute.facts.js';
import {
  type ConektaOrder,
  isPaidOrder,
  isReleased,
  paidAtOf,
  paidCharges,
  payingChargeOf,
} from './conekta.order.read.js';
import { refundFacts } from './conekta.refund.facts.js';

/** What is known beside the order itself. */
interface KnownOfOrder {
  /** The charge known to pay: it stays the payment's when a second one is paid. */
  payingChargeId?: string | undefined;
  /** From the event, for an order that does not show it. */
  chargeback?: ConektaChargeback | undefined;
}

/** All that the order says of its payment now, oldest first, whichever event led to it. */
export function orderFacts(order: ConektaOrder, known: KnownOfOrder): readonly Fact[] {
  const attempts = attemptFacts(order);
  const paying = payingChargeOf(order, known.payingChargeId);
  if (paying !== undefined) {
    const released = paying.state === 'held' ? closedFacts(order) : [];
    return [...attempts, ...movedFacts(order, paying, known), ...released];
  }
  // By a charge that the order does not show: money is never ignored.
  if (isPaidOrder(order)) return [...attempts, paymentFact('succeeded', order)];
  const closed = closedFacts(order);
  return [...attempts, ...(closed.length === 0 ? pendingFacts(order) : closed)];
}

/** The page can be paid on. */
export function openedFacts(order: ConektaOrder): PaymentFact[] {
  const { checkout, createdAt: occurredAt } = order;
  if (checkout === undefined) return [];
  // An embedded checkout is shown on a page of ours, which Conekta does not know.
  const checkoutUrl = checkout.type === 'HostedPayment' ? checkout.url : undefined;
  return [paymentFact('opened', order, { occurredAt, checkoutUrl, expiresAt: checkout.expiresAt })];
}

/** One fact for each declined attempt, oldest first. The declined charge is not the payment's. */
function attemptFacts(order: ConektaOrder): PaymentFact[] {
  return declinedCharges(order).map((charge) =>
    paymentFact('attempt_failed', order, {
      occurredAt: charge.createdAt,
      method: charge.paidWith?.method,
      attemptId: charge.id,
      reason: reasonOf(charge),
    }),
  );
}

export function declinedCharges({ charges }: ConektaOrder): ConektaCharge[] {
  return charges.filter(({ state }) => state === 'declined');
}

/** Why it was declined. Without a code the fraud check stopped it, or nobody says. */
export function reasonOf({ status, failureCode }: ConektaCharge): string | undefined {
  return status === 'fraudulent' ? 'fraudulent' : failureCode;
}

/** Of the charge that pays, then of every further one that was paid, with its refunds and its chargeback. */
function movedFacts(order: ConektaOrder, paying: ConektaCharge, known: KnownOfOrder): Fact[] {
  const seconds = paidCharges(order.charges).filter(({ id }) => id !== paying.id);
  return [paying, ...seconds].flatMap((charge): Fact[] => {
    // An order paid twice (at a shop and at a bank): the second charge is told as a payment of its own, so that a
    // person is asked. The session is the first one's.
    const second = { sessionId: undefined, providerPaymentId: `${order.id}/${charge.id}` };
    const ref = { ...order.ref, ...(charge !== paying && second), chargeId: charge.id };
    // Once it is captured the order says so, even where the charge does not.
    const name = charge.state === 'held' && !isPaidOrder(order) ? 'authorized' : 'succeeded';
    const { money, paidWith } = charge;
    const paid = paymentFact(name, order, {
      ref,
      occurredAt: paidAtOf(charge),
      money,
      method: paidWith?.method,
    });
    // Nothing goes back of what was not taken: a "refund" of a hold is a part of it that was let go of.
    if (name === 'authorized') return [paid];
    return [paid, ...refundFacts(order, charge, ref), ...disputeFacts(order, charge, ref, known.chargeback)];
  });
}

/** A voucher or a CLABE is out, the customer was sent on to a bank, or somebody looks into the payment. */
function pendingFacts(order: ConektaOrder): PaymentFact[] {
  const waiting = order.charges.filter(isAwaited);
  // The newest. A cash order has one charge for shops and one for a bank's machines; the bank's reference is worth
  // nothing without its agreement number, so the shops' is shown.
  const charge = waiting.findLast(({ paidWith }) => paidWith?.needsAgreement !== true) ?? waiting.at(-1);
  if (charge === undefined) return [];
  const { createdAt: occurredAt, paidWith } = charge;
  const { method, expiresAt } = paidWith ?? {};
  return [paymentFact('pending', order, { occurredAt, method, expiresAt })];
}

/** Whether money may come without the checkout. A waiting card is at 3-D Secure, perhaps for ever. */
function isAwaited({ state, status, paidWith }: ConektaCharge): boolean {
  if (state !== 'waiting') return false;
  return status === 'under_fraud_review' || (paidWith !== undefined && paidWith.method.type !== 'card');
}

function closedFacts(order: ConektaOrder): PaymentFact[] {
  const name = closedName(order);
  if (name === undefined) return [];
  const declined = declinedCharges(order).at(-1);
  const reason = name === 'failed' ? ((declined && reasonOf(declined)) ?? order.paymentStatus) : undefined;
  return [paymentFact(name, order, { reason })];
}

/** By the status of the checkout. */
const ENDS: ReadonlyMap<string | undefined, PaymentFactName> = new Map([
  ['canceled', 'canceled'],
  ['cancelled', 'canceled'],
  ['expired', 'expired'],
  ['failed', 'failed'],
]);

/**
 * How the order ended without money. Not by a declined charge: the customer may try again while the checkout is there,
 * and a voucher outlives its checkout.
 */
function closedName(order: ConektaOrder): PaymentFactName | undefined {
  const { paymentStatus, checkout, charges } = order;
  if (paymentStatus === 'canceled' || paymentStatus === 'voided' || isReleased(order)) return 'canceled';
  if (paymentStatus === 'expired') return 'expired';
  if (charges.some((charge) => charge.state === 'held' || isAwaited(charge))) return undefined;
  if (checkout?.status === 'issued') return undefined;
  const isLost = paymentStatus === 'fraudulent' || isLostCharge(order);
  return ENDS.get(checkout?.status) ?? (isLost ? 'failed' : undefined);
}

/**
 * A charge of ours without a checkout: no page takes another card. A subscription's order carries no id of ours, and
 * its card is charged again.
 */
function isLostCharge({ ref, checkout, charges }: ConektaOrder): boolean {
  if (ref.paymentId === undefined || ref.sessionId !== undefined || checkout !== undefined) return false;
  const isOver = charges.every(
    ({ state }) => state === 'declined' || state === 'released' || state === 'over',
  );
  return isOver && charges.some(({ state }) => state === 'declined');
}

/** @param more what differs from the order's own. */
export function paymentFact(
  name: PaymentFactName,
  { ref, livemode, updatedAt: occurredAt, money, metadata }: ConektaOrder,
  more: Partial<PaymentFact> = {},
): PaymentFact {
  return { kind: 'payment', name, ref, livemode, occurredAt, money, metadata, ...more };
}
