import type { PaymentFact } from '../../providers/facts.js';
import {
  type ClosedBy,
  isClosed,
  isDirectCharge,
  isOpen,
  type PaymentStatus,
  type ReviewReason,
  slotOf,
  verdict,
} from '../payment/payment.js';
import type { OrderSlot, PaymentRow } from '../payment/payment.tables.js';
import { learnedFrom } from '../payment/payment.learned.js';
import { receiptUrlOf } from '../payment/payment.view.js';
import type { OwnFact } from './own.facts.js';
import {
  type Decision,
  type DecisionRules,
  PaymentDraft,
  type PaymentState,
  type PaymentsView,
  type ToldFact,
} from './payment.state.js';

/** What a provider says of a payment that is here, or is made by it. Pure. */
export function decidePayment(
  view: PaymentsView,
  fact: PaymentFact,
  draft: PaymentDraft,
  rules: DecisionRules,
): Decision {
  const before = draft.row;
  draft.learn(learnedFrom(before, fact));
  const verdictOn = verdict(before.status, fact.name);
  // Late money counts, or is put before a person: `paid` decides.
  const next = verdictOn === 'late' ? 'succeeded' : verdictOn;
  if (fact.name === 'attempt_failed' && next !== 'stale') {
    declined(draft, fact, next);
    // There is no page on which another card could be tried.
    if (isDirectCharge(before)) moved(draft, fact, endOf(before, 'failed'));
  } else if (next === 'succeeded') paid(view, draft, fact, rules);
  else if (next !== 'stale') moved(draft, fact, endOf(before, next));
  return draft.done(`${fact.name} on ${before.status}`);
}

/** A declined attempt is told once, however many event types report it, and the payment stays open. */
function declined(draft: PaymentDraft, fact: PaymentFact, status: PaymentStatus): void {
  const attempt = fact.attemptId ?? fact.occurredAt.toISOString();
  const onceKey = `attempt_failed:${attempt}`;
  if (draft.state.happened.has(onceKey)) return;
  const reason = fact.reason ?? 'declined';
  draft.step({
    fact: fact.name,
    patch: { status, failure: { reason } },
    event: 'payment.attempt_failed',
    eventKey: [draft.row.id, attempt],
    extra: { reason },
    detail: { reason },
    onceKey,
    occurredAt: fact.occurredAt,
  });
}

function paid(view: PaymentsView, draft: PaymentDraft, fact: PaymentFact, rules: DecisionRules): void {
  const { row, slot } = draft;
  const { money, occurredAt } = fact;
  const reviewReason = reasonForReview(row, fact, isLaterCycle(view, row) ? null : slot.paidPaymentId);
  // Another currency's number must not stand as ours; the review says what came.
  const captured = money?.currency === row.currency ? money.amount : 0n;
  const patch = { amountCaptured: captured, paidAt: occurredAt, nextCheckAt: null, failure: null };
  draft.wakeWaiting();
  if (reviewReason !== undefined) {
    draft.keep({ received: money });
    draft.step({
      fact: fact.name,
      patch: { ...patch, status: 'review', reviewReason },
      event: 'payment.review',
      extra: {
        reason: reviewReason,
        received: money ? { amount: Number(money.amount), currency: money.currency } : null,
      },
      detail: { reason: reviewReason, ...(money && { received: `${money.amount} ${money.currency}` }) },
      occurredAt,
    });
    return;
  }
  // What costs nothing has no charge.
  const paidBy = row.chargeId ?? (captured === 0n ? row.sessionId : null);
  if (paidBy === null) throw new Error(`payment ${row.id} is paid by a charge that nobody named`);
  const receiptUrl = receiptUrlOf(row, rules.publicUrl);
  draft.step({
    fact: fact.name,
    patch: { ...patch, status: 'succeeded', receiptUrl, closedBy: null },
    event: 'payment.succeeded',
    occurredAt,
  });
  // Of a subscription's later cycles nobody is told: a second message would be a duplicate there.
  if (slot.paidPaymentId !== null && slot.paidPaymentId !== row.id) return;
  draft.tellOrders(paidBy, receiptUrl);
  const isOpenOne = slot.openPaymentId === row.id;
  draft.setSlot({ paidPaymentId: row.id, ...(isOpenOne && { openPaymentId: null }) });
  // Another session of this order may still be open, and must not be paid as well.
  if (!isOpenOne && slot.openPaymentId !== null) draft.makeDue(view.payment(slot.openPaymentId));
}

/** A later cycle than the one that was to pay the subscription's order: it pays for itself, and for no order again. */
function isLaterCycle(view: PaymentsView, { id, orderId, subscriptionId }: PaymentRow): boolean {
  return orderId !== null && subscriptionId !== null && view.hasOtherMoney(subscriptionId, id);
}

function moved(
  draft: PaymentDraft,
  { name, reason, occurredAt }: { name: string; reason?: string | undefined; occurredAt: Date },
  status: PaymentStatus,
  by: ClosedBy = 'provider',
): void {
  const closed = isClosed(status);
  draft.step({
    fact: name,
    patch: {
      status,
      ...(closed && { closedBy: draft.row.closedBy ?? by, nextCheckAt: null }),
      ...(closed && reason !== undefined && { failure: { reason } }),
    },
    ...(status !== 'created' && status !== 'unknown' && { event: `payment.${status}` }),
    ...(reason !== undefined && { detail: { reason } }),
    occurredAt,
  });
  if (closed) draft.releaseSlot();
}

/** What we know of ourselves of a payment that we have. Pure. */
export function decideOwn(
  view: PaymentsView,
  { fact, ...told }: ToldFact & { fact: Exclude<OwnFact, { name: 'billed' }> },
  payment: PaymentState,
  rules: DecisionRules,
): Decision {
  const { status, closedBy, failure, nextCheckAt } = payment.row;
  const draft = new PaymentDraft(payment, view.slot(slotOf(payment.row)), told, rules);
  switch (fact.name) {
    case 'kept_open':
      if (isOpen(status) && closedBy !== null) draft.learn({ closedBy: null });
      break;
    case 'charge_answered': {
      const { buyerMessage, checkAt } = fact;
      if (status === 'failed' && buyerMessage !== undefined)
        draft.learn({ failure: { reason: failure?.reason ?? 'declined', message: buyerMessage } });
      if (isOpen(status) && nextCheckAt === null) draft.learn({ nextCheckAt: checkAt });
      break;
    }
    default: {
      const next = verdict(status, fact.name);
      if (next !== 'stale' && next !== 'late') moved(draft, fact, next, 'us');
    }
  }
  return draft.done(`${fact.name} on ${status}`);
}

/** What a provider ends on our word was canceled. */
function endOf({ closedBy }: PaymentRow, next: PaymentStatus): PaymentStatus {
  return isClosed(next) && closedBy === 'us' ? 'canceled' : next;
}

/**
 * Money is never ignored: what cannot count as this order's success is put before a person.
 * @param paidBy the payment that paid the order already.
 */
function reasonForReview(
  payment: PaymentRow,
  fact: PaymentFact,
  paidBy: OrderSlot['paidPaymentId'],
): ReviewReason | undefined {
  if (isUnverified(payment, fact)) return 'unverified_order';
  if (!amountMatches(payment, fact)) return 'amount_mismatch';
  if (isClosed(payment.status) && payment.closedBy === 'us') return 'late_payment';
  if (paidBy !== null && paidBy !== payment.id) return 'duplicate_payment';
  return undefined;
}

/** An earlier version adopted it by an order id that its buyer could write. */
function isUnverified({ adopted, orderId, subscriptionId }: PaymentRow, { ref }: PaymentFact): boolean {
  return adopted && orderId !== null && subscriptionId === null && ref.orderId !== orderId;
}

/** All of it; with manual capture, any part of it. */
function amountMatches({ amount, currency, capture }: PaymentRow, { money }: PaymentFact): boolean {
  if (money?.currency !== currency) return false;
  return capture === 'manual' ? money.amount > 0n && money.amount <= amount : money.amount === amount;
}
