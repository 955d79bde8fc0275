import type { PaymentRef, RefundFact, RefundStatus } from '../../facts.js';
import { integerOf, isJson, textOf, timeOf } from '../../json.read.js';
import { fromConektaAmount } from '../conekta.money.js';
import type { ConektaCharge } from './conekta.charge.read.js';
import type { ConektaOrder } from './conekta.order.read.js';

/**
 * The document names `pending` only and the refund of a card has no status: it is done when it is told. Cash is
 * fetched by the customer, who may let it expire. A word that is new to us is no proof that the money went.
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
  const told = charge.refunds.flatMap((one) => refundFact(one, order, charge, ref) ?? []);
  const all = charge.state === 'reversed' ? [...told, ...reversalFacts(order, charge, ref, told)] : told;
  return all.sort((a, b) => a.occurredAt.getTime() - b.occurredAt.getTime());
}

function refundFact(
  value: unknown,
  order: ConektaOrder,
  charge: ConektaCharge,
  ref: PaymentRef,
): RefundFact | undefined {
  if (!isJson(value) || value.object !== 'refund') return undefined;
  const [refundId, amount] = [textOf(value.id), integerOf(value.amount)];
  // Conekta tells refunds as negative amounts.
  const money =
    amount === undefined ? undefined : fromConektaAmount(Math.abs(amount), charge.money?.currency);
  if (refundId === undefined || money === undefined || money.amount === 0n) return undefined;
  const createdAt = timeOf(value.created_at);
  // Before the capture there was nothing to give back: a part of the hold was let go of.
  const neverCaptured = createdAt !== undefined && charge.paidAt !== undefined && createdAt < charge.paidAt;
  return {
    kind: 'refund',
    ref,
    livemode: order.livemode,
    occurredAt: createdAt ?? order.updatedAt,
    refundId,
    status: neverCaptured ? 'failed' : statusOf(value.status),
    money,
    reason: textOf(value.reason),
    ...(neverCaptured && { neverCaptured }),
  };
}

function statusOf(value: unknown): RefundStatus {
  const status = textOf(value);
  return status === undefined ? 'succeeded' : (STATUSES.get(status) ?? 'pending');
}

/**
 * The cashier took a payment and handed it back: all that was not refunded otherwise is with the customer again.
 * Conekta has no refund for it, so the charge gives its id.
 */
function reversalFacts(
  order: ConektaOrder,
  charge: ConektaCharge,
  ref: PaymentRef,
  told: readonly RefundFact[],
): RefundFact[] {
  const back = told.filter(({ status }) => status === 'succeeded');
  const rest = (charge.money?.amount ?? 0n) - back.reduce((sum, { money }) => sum + money.amount, 0n);
  if (charge.money === undefined || rest <= 0n) return [];
  return [
    {
      kind: 'refund',
      ref,
      livemode: order.livemode,
      occurredAt: order.updatedAt,
      refundId: charge.id,
      status: 'succeeded',
      money: { ...charge.money, amount: rest },
      reason: 'reversed',
    },
  ];
}
