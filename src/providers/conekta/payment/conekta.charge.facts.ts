import type { PaymentFact, PaymentFactName, PaymentRef } from '../../facts.js';
import type { ConektaCharge } from './conekta.charge.read.js';
import { type ConektaOrder, isPaidOrder, paidAtOf } from './conekta.order.read.js';

/** Money that moved: taken, or held only. Once it is captured the order says so, even where the charge does not. */
export function paidFact(order: ConektaOrder, charge: ConektaCharge, ref: PaymentRef): PaymentFact {
  const name = charge.state === 'held' && !isPaidOrder(order) ? 'authorized' : 'succeeded';
  return { ...chargeFact(name, order, charge, ref, paidAtOf(charge)), money: charge.money };
}

/** One fact for each attempt that was declined, oldest first. The declined charge is not the payment's. */
export function attemptFacts(order: ConektaOrder): PaymentFact[] {
  return order.charges
    .filter(({ state }) => state === 'declined')
    .map((charge) => ({
      ...chargeFact('attempt_failed', order, charge, order.ref, charge.createdAt),
      attemptId: charge.id,
      reason: reasonOf(charge),
    }));
}

/** A voucher or a CLABE is out, the customer was sent on to a bank, or somebody looks into the payment. */
export function pendingFacts(order: ConektaOrder): PaymentFact[] {
  const charge = waitingCharge(order);
  if (charge === undefined) return [];
  const fact = chargeFact('pending', order, charge, order.ref, charge.createdAt);
  return [{ ...fact, expiresAt: charge.paidWith?.expiresAt }];
}

/**
 * The newest. A cash order has one charge for shops and one for a bank's machines, made together; the bank's
 * reference is worth nothing without its agreement number, so the shops' is the one to show.
 */
function waitingCharge({ charges }: ConektaOrder): ConektaCharge | undefined {
  const waiting = charges.filter(isAwaited);
  return waiting.findLast(({ paidWith }) => paidWith?.needsAgreement !== true) ?? waiting.at(-1);
}

/**
 * Whether money may come of it without the checkout. A card that merely waits is on the page still, at 3-D Secure,
 * and may be left there for ever.
 */
export function isAwaited({ state, status, paidWith }: ConektaCharge): boolean {
  if (state !== 'waiting') return false;
  return status === 'under_fraud_review' || (paidWith !== undefined && paidWith.method.type !== 'card');
}

/** Why an attempt was declined; a charge without a code was stopped by the fraud check, or says nothing. */
export function reasonOf({ status, failureCode }: ConektaCharge): string | undefined {
  return status === 'fraudulent' ? 'fraudulent' : failureCode;
}

function chargeFact(
  name: PaymentFactName,
  order: ConektaOrder,
  charge: ConektaCharge,
  ref: PaymentRef,
  occurredAt: Date,
): PaymentFact {
  return {
    kind: 'payment',
    name,
    ref,
    livemode: order.livemode,
    occurredAt,
    money: order.money,
    method: charge.paidWith?.method,
    metadata: order.metadata,
  };
}
