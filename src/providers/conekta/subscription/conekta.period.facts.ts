import type { PeriodFailure, SubscriptionPeriod } from '../../billing.facts.js';
import type { Fact, PaymentFactName } from '../../facts.js';
import { type Json, jsonOf, textOf } from '../../json.read.js';
import { pageOf } from '../conekta.client.js';
import { declinedCharges, orderFacts, reasonOf } from '../payment/conekta.order.facts.js';
import {
  type ConektaOrder,
  isPaidOrder,
  paidAtOf,
  paidCharges,
  readOrder,
} from '../payment/conekta.order.read.js';
import type { ConektaSubscription } from './conekta.subscription.read.js';

export interface ConektaPeriod {
  /** Of its order. */
  createdAt: Date;
  period: SubscriptionPeriod;
}

/** Nobody asks for the money any more. */
const CLOSED = new Set<PaymentFactName>(['canceled', 'expired']);

/**
 * The cycle that an order is. Undefined for an order of another customer, or opened by us as a checkout: whose money
 * it is must not be guessed, and the subscription is better told without it than not at all.
 */
export function readPeriod(answer: Json, subscription: ConektaSubscription): ConektaPeriod | undefined {
  const order = readOrder(answer);
  if (order?.money === undefined || !isOf(subscription, answer, order)) return undefined;
  const { id, money, createdAt } = order;
  const isLatest = id === subscription.lastOrderId;
  const payment = orderFacts(order, {}).flatMap((fact) => paymentFactOf(fact, id));
  const end = payment.find((fact) => fact.kind === 'payment' && CLOSED.has(fact.name));
  const period: SubscriptionPeriod = {
    periodId: id,
    // An order names no cycle; the subscription says when the latest one runs.
    start: isLatest ? subscription.periodStart : undefined,
    end: isLatest ? subscription.periodEnd : undefined,
    money,
    failures: isLatest && wasNotCharged(subscription, order) ? [cardless(order)] : failuresOf(order),
    paidAt: paidAt(order),
    ...(end && { closed: { as: 'void', at: end.occurredAt } }),
    providerPaymentId: id,
    payment,
  };
  return { createdAt, period };
}

/** Orders name their customer in one of two places; one that names none came from the subscription's own word. */
function isOf(
  { providerCustomerId: customerId }: ConektaSubscription,
  answer: Json,
  order: ConektaOrder,
): boolean {
  if (order.ref.paymentId !== undefined || order.ref.sessionId !== undefined) return false;
  const named = [jsonOf(answer.customer_info), ...pageOf(answer.charges).map(jsonOf)];
  return named.every((one) => (textOf(one.customer_id) ?? customerId) === customerId);
}

/** The cycle failed without a charge: there was no card. */
function wasNotCharged({ status, cancelReason }: ConektaSubscription, order: ConektaOrder): boolean {
  const failed = status === 'past_due' || cancelReason === 'payment_failed';
  return failed && order.charges.length === 0 && !isPaidOrder(order);
}

/** The first attempt alone: Conekta neither counts nor dates those without a card. */
function cardless({ id, createdAt }: ConektaOrder): PeriodFailure {
  return { attemptId: `${id}:1`, at: createdAt, reason: 'no_payment_method' };
}

function failuresOf(order: ConektaOrder): PeriodFailure[] {
  return declinedCharges(order).map((charge) => ({
    attemptId: charge.id,
    at: charge.createdAt,
    reason: reasonOf(charge),
  }));
}

function paidAt(order: ConektaOrder): Date | undefined {
  const [first] = paidCharges(order.charges);
  if (first !== undefined) return paidAtOf(first);
  return isPaidOrder(order) ? order.updatedAt : undefined;
}

/** Of the cycle's one payment, without ids of ours: the subscription says whose it is. */
function paymentFactOf(fact: Fact, orderId: string): Fact[] {
  if (fact.ref.providerPaymentId !== orderId) return [];
  const { provider, providerPaymentId, chargeId } = fact.ref;
  return [{ ...fact, ref: { provider, providerPaymentId, chargeId } }];
}
