import type { PaymentRef, RefundFact, RefundStatus } from '../../facts.js';
import { integerOf, isJson, textOf, timeOf } from '../../json.read.js';
import { fromConektaAmount } from '../conekta.account.js';
import type { ConektaCharge } from './conekta.charge.read.js';
import type { ConektaOrder } from './conekta.order.read.js';

/**
 * The document names `pending` only. A card's refund has no status: it is done when it is told. Cash is fetched by the
 * customer, who may let it expire. A word that is new to us is no proof that the money went.
 */
const STATUSES: ReadonlyMap<string, RefundStatus> = new Map([
  ['pending', 'pending'],
  ['created', 'pending'],
  ['succeeded', 'succeeded'],
  ['paid', 'succeeded'],
  ['refunded', 'succeeded'],
  ['failed', 'failed'],
  ['declined', 'failed'],
  ['expired', 'failed'],
  ['canceled', 'canceled'],
]);

/** The refunds of one charge, oldest first. */
export function refundFacts(order: ConektaOrder, charge: ConektaCharge, ref: PaymentRef): RefundFact[] {
  const { livemode, updatedAt } = order;
  const told = charge.refunds.flatMap((value): RefundFact[] => {
    if (!isJson(value) || value.object !== 'refund') return [];
    const [refundId, amount] = [textOf(value.id), integerOf(value.amount)];
    // Conekta tells refunds as negative amounts.
    const money = fromConektaAmount(amount && Math.abs(amount), charge.money?.currency);
    if (refundId === undefined || money === undefined || money.amount === 0n) return [];
    const createdAt = timeOf(value.created_at);
    // Before the capture there was nothing to give back: a part of the hold was let go of.
    const neverCaptured = createdAt !== undefined && charge.paidAt !== undefined && createdAt < charge.paidAt;
    const status = neverCaptured ? 'failed' : statusOf(textOf(value.status));
    const fact = {
      kind: 'refund',
      ref,
      livemode,
      occurredAt: createdAt ?? updatedAt,
      refundId,
      status,
    } as const;
    return [{ ...fact, money, reason: textOf(value.reason), ...(neverCaptured && { neverCaptured }) }];
  });
  const { money, state, id: refundId } = charge;
  if (state === 'reversed' && money !== undefined) {
    // The cashier took a payment and handed it back: what was not refunded otherwise is with the customer again.
    // Conekta has no refund for it, so the charge gives its id.
    const back = told.filter(({ status }) => status === 'succeeded');
    const rest = back.reduce((left, one) => left - one.money.amount, money.amount);
    const fact = { kind: 'refund', ref, livemode, occurredAt: updatedAt, refundId } as const;
    if (rest > 0n)
      told.push({ ...fact, status: 'succeeded', money: { ...money, amount: rest }, reason: 'reversed' });
  }
  return told.sort((a, b) => a.occurredAt.getTime() - b.occurredAt.getTime());
}

function statusOf(word: string | undefined): RefundStatus {
  return word === undefined ? 'succeeded' : (STATUSES.get(word) ?? 'pending');
}
