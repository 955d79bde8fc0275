import type { Fact, PaymentFact, PaymentFactName } from '../../facts.js';
import { attemptFacts, isAwaited, paidFact, pendingFacts, reasonOf } from './conekta.charge.facts.js';
import { type ConektaChargeback, disputeFacts } from './conekta.dispute.facts.js';
import {
  type ConektaOrder,
  isPaidOrder,
  isReleased,
  paidCharges,
  payingChargeOf,
  refOfSecond,
} from './conekta.order.read.js';
import { refundFacts } from './conekta.refund.facts.js';

/** What is known beside the order itself. */
export interface KnownOfOrder {
  /** The charge that the payment is known to be paid by: it stays the payment's when a second one is paid. */
  payingChargeId?: string | undefined;
  /** From the event, for an order that does not show it. */
  chargeback?: ConektaChargeback | undefined;
}

/**
 * Everything that the order says of its payment now, oldest first. It is the same whichever event led to it: no
 * order or repetition of events ends elsewhere.
 */
export function orderFacts(order: ConektaOrder, known: KnownOfOrder): readonly Fact[] {
  const attempts = attemptFacts(order);
  const paying = payingChargeOf(order, known.payingChargeId);
  if (paying !== undefined) {
    const released = paying.state === 'held' ? closedFacts(order) : [];
    return [...attempts, ...movedFacts(order, paying.id, known), ...released];
  }
  // By a charge that the order does not show: told all the same, for money is never ignored.
  if (isPaidOrder(order)) return [...attempts, orderFact('succeeded', order)];
  const closed = closedFacts(order);
  return [...attempts, ...(closed.length === 0 ? pendingFacts(order) : closed)];
}

/** The page can be paid on. */
export function openedFacts(order: ConektaOrder): PaymentFact[] {
  const { checkout } = order;
  if (checkout === undefined) return [];
  // An embedded checkout is shown on a page of ours, which Conekta does not know.
  const checkoutUrl = checkout.type === 'HostedPayment' ? checkout.url : undefined;
  const fact = { ...orderFact('opened', order), occurredAt: order.createdAt };
  return [{ ...fact, checkoutUrl, expiresAt: checkout.expiresAt }];
}

/** Of the charge that pays, then of every further one that was paid, with its refunds and its chargeback. */
function movedFacts(order: ConektaOrder, payingId: string, known: KnownOfOrder): Fact[] {
  const seconds = paidCharges(order.charges).filter(({ id }) => id !== payingId);
  const first = order.charges.filter(({ id }) => id === payingId);
  return [...first, ...seconds].flatMap((charge): Fact[] => {
    const isFirst = charge.id === payingId;
    const ref = isFirst ? { ...order.ref, chargeId: charge.id } : refOfSecond(order.ref, charge);
    const paid = paidFact(order, charge, ref);
    // Nothing goes back of what was not taken: a part of a hold that is listed as a refund was let go of.
    if (paid.name === 'authorized') return [paid];
    return [paid, ...refundFacts(order, charge, ref), ...disputeFacts(order, charge, ref, known.chargeback)];
  });
}

function closedFacts(order: ConektaOrder): PaymentFact[] {
  const name = closedName(order);
  if (name === undefined) return [];
  const declined = order.charges.findLast(({ state }) => state === 'declined');
  const reason = name === 'failed' ? ((declined && reasonOf(declined)) ?? order.paymentStatus) : undefined;
  return [{ ...orderFact(name, order), reason }];
}

/**
 * How the order ended without money. Not by a declined charge: the customer may try again for as long as the
 * checkout is there, and a voucher outlives the checkout that it came from.
 */
function closedName(order: ConektaOrder): PaymentFactName | undefined {
  const { paymentStatus, checkout, charges } = order;
  if (paymentStatus === 'canceled' || paymentStatus === 'voided' || isReleased(order)) return 'canceled';
  if (paymentStatus === 'expired') return 'expired';
  if (charges.some((charge) => charge.state === 'held' || isAwaited(charge))) return undefined;
  switch (checkout?.status) {
    case 'canceled':
    case 'cancelled':
      return 'canceled';
    case 'expired':
      return 'expired';
    case 'failed':
      return 'failed';
    case 'issued':
      return undefined;
    default:
      return paymentStatus === 'fraudulent' || isLostCharge(order) ? 'failed' : undefined;
  }
}

/**
 * A charge of ours without a checkout: there is no page on which another card could be tried. An order of a
 * subscription carries no id of ours, and its card is charged again.
 */
function isLostCharge({ ref, checkout, charges }: ConektaOrder): boolean {
  if (ref.paymentId === undefined || ref.sessionId !== undefined || checkout !== undefined) return false;
  const isOver = charges.every(
    ({ state }) => state === 'declined' || state === 'released' || state === 'over',
  );
  return isOver && charges.some(({ state }) => state === 'declined');
}

function orderFact(name: PaymentFactName, order: ConektaOrder): PaymentFact {
  return {
    kind: 'payment',
    name,
    ref: order.ref,
    livemode: order.livemode,
    occurredAt: order.updatedAt,
    money: order.money,
    metadata: order.metadata,
  };
}
