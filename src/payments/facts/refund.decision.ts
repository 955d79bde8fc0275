import { derivedId } from '../../kernel/ids.js';
import type { Money } from '../../kernel/money.js';
import type { RefundFact } from '../../providers/facts.js';
import { isPaid, paidStatus, slotOf } from '../payment/payment.js';
import type { PaymentRow, RefundRow } from '../payment/payment.tables.js';
import { REFUND_TRANSITIONS } from '../payment/refund.js';
import {
  type Decision,
  type DecisionRules,
  PaymentDraft,
  type PaymentState,
  type PaymentsView,
  type ToldFact,
  unchanged,
} from './payment.state.js';

/** Moves a refund, and with it the refunded amount of its payment. Pure. */
export function decideRefund(
  view: PaymentsView,
  { fact, ...told }: ToldFact & { fact: RefundFact },
  payment: PaymentState,
  rules: DecisionRules,
): Decision {
  const { row } = payment;
  const known = payment.refunds.find(({ providerRefundId }) => providerRefundId === fact.refundId);
  if (known === undefined && fact.neverCaptured === true)
    return unchanged({ kind: 'ignored', reason: 'never_captured' });
  const draft = new PaymentDraft(payment, view.slot(slotOf(row)), told, rules);
  if (!isPaid(row.status) && row.status !== 'review') return parked(draft, 'payment_not_paid_yet');
  const came = cameIn(payment);
  if (fact.money.currency !== came.currency)
    return unchanged({ kind: 'conflict', reason: 'refund in another currency' });
  if (known !== undefined && REFUND_TRANSITIONS[known.status][fact.status] === 'stale')
    return unchanged({ kind: 'stale', reason: `refund ${fact.status} is known` });
  if (fact.status === 'succeeded') {
    if (fact.money.amount > came.amount)
      return unchanged({ kind: 'conflict', reason: 'refund of more than ever came in' });
    // Until an earlier refund turns out to have failed this one waits; if none does, it ends with the operator.
    if (succeededTotal(payment.refunds) + fact.money.amount > came.amount)
      return parked(draft, 'refunds_exceed_capture');
  }
  if (known?.status === 'succeeded') draft.wakeWaiting();
  const refund: RefundRow =
    known === undefined
      ? newRefund(row, fact, told.now)
      : { ...known, status: fact.status, version: known.version + 1, updatedAt: told.now };
  draft.keep({ refunds: [...payment.refunds.filter((one) => one !== known), refund] });
  // A refund that begins is announced as created whatever its status is by now.
  if (known === undefined) announce(draft, refund.id, fact, 'refund.created', {});
  const refunded = succeededTotal(draft.state.refunds);
  const inReview = row.status === 'review';
  const status = inReview ? 'review' : paidStatus(row.amountCaptured, refunded);
  // Another currency's number must not stand as ours.
  const patch = came.currency === row.currency ? { amountRefunded: refunded, status } : {};
  if (fact.status !== 'pending') announce(draft, refund.id, fact, `refund.${fact.status}`, patch);
  // Nobody has the money any more that was to be looked at: the order may be paid anew.
  if (inReview && refunded >= came.amount) draft.releaseSlot();
  return draft.decision({ kind: 'applied', id: row.id });
}

/** The provider is asked about a payment that money went back of: the event that it came in may be lost. */
export function parked(draft: PaymentDraft, reason: string): Decision {
  if (draft.row.nextCheckAt === null) draft.learn({ nextCheckAt: draft.now });
  return draft.decision({ kind: 'parked', reason, waitsFor: draft.row.id });
}

/** What can go back. Of a payment in review that may be money of another currency than was asked for. */
function cameIn({ row, received }: PaymentState): Money {
  const { status, amountCaptured: amount, currency } = row;
  return (status === 'review' && amount === 0n ? received : undefined) ?? { amount, currency };
}

/** What went back for good, in minor units. */
function succeededTotal(refunds: readonly RefundRow[]): bigint {
  return refunds.reduce((sum, { status, amount }) => (status === 'succeeded' ? sum + amount : sum), 0n);
}

function newRefund(
  payment: PaymentRow,
  { ref, refundId, money, status, reason }: RefundFact,
  now: Date,
): RefundRow {
  return {
    id: derivedId('refund', ref.provider, refundId),
    paymentId: payment.id,
    provider: ref.provider,
    providerRefundId: refundId,
    ...money,
    status,
    reason: reason ?? null,
    version: 1,
    createdAt: now,
    updatedAt: now,
  };
}

function announce(
  draft: PaymentDraft,
  id: string,
  { ref, refundId, money, status, reason, occurredAt }: RefundFact,
  event: `refund.${string}`,
  patch: Partial<PaymentRow>,
): void {
  const refund = {
    id,
    providerRefundId: refundId,
    amount: Number(money.amount),
    currency: money.currency,
    status: event === 'refund.created' ? 'pending' : status,
    reason: reason ?? null,
  };
  draft.step({
    fact: event,
    patch,
    event,
    eventKey: [ref.provider, refundId],
    extra: { refund },
    detail: { refund: refundId },
    occurredAt,
  });
}
