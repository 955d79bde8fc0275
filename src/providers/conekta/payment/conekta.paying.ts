import type { PaymentRef } from '../../facts.js';
import type { ConektaCharge } from './conekta.charge.js';
import { type ConektaOrder, isPaidOrder } from './conekta.order.js';

/**
 * The charge that pays the order: the one that is known to, else the first that was paid, else one that was paid
 * and handed back, else the first that holds the money.
 */
export function payingCharge(charges: readonly ConektaCharge[], knownId?: string): ConektaCharge | undefined {
  return (
    charges.find(({ id, state }) => id === knownId && (state === 'paid' || state === 'reversed')) ??
    paidCharges(charges)[0] ??
    charges.find(({ state, paidAt }) => state === 'reversed' && paidAt !== undefined) ??
    charges.find(({ state }) => state === 'held')
  );
}

/** A charge that stands by a word that is new to us may be the one by which Conekta calls the order paid. */
export function payingChargeOf(order: ConektaOrder, knownId?: string): ConektaCharge | undefined {
  const unknown = ({ state, paidAt }: ConektaCharge): boolean => state === undefined && paidAt !== undefined;
  return (
    payingCharge(order.charges, knownId) ?? (isPaidOrder(order) ? order.charges.find(unknown) : undefined)
  );
}

/** All whose money came in and was not handed back over the counter, in the order in which it came. */
export function paidCharges(charges: readonly ConektaCharge[]): ConektaCharge[] {
  return charges
    .filter(({ state }) => state === 'paid')
    .sort((a, b) => paidAtOf(a).getTime() - paidAtOf(b).getTime() || (a.id < b.id ? -1 : 1));
}

export function paidAtOf({ paidAt, createdAt }: ConektaCharge): Date {
  return paidAt ?? createdAt;
}

/**
 * An order can be paid twice: it may have a reference for shops and another for a bank. The second charge is told
 * as a payment of its own, so that the one rule for orders that are paid twice finds it and puts it before a
 * person. It has no session: that is the first one's.
 */
export function refOfSecond(order: PaymentRef, { id }: ConektaCharge): PaymentRef {
  const providerPaymentId = `${order.providerPaymentId}/${id}`;
  return { ...order, sessionId: undefined, providerPaymentId, chargeId: id };
}

/** The order's id in the id of a payment, be it the order's first or a second one. */
export function orderIdOf(providerPaymentId: string): string {
  return providerPaymentId.split('/', 1)[0] ?? providerPaymentId;
}
