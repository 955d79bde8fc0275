import { randomUUID } from 'node:crypto';
import type { PaymentRow } from '../../../src/payments/payment/payment.tables.js';
import type { DisputeFact, PaymentFact, PaymentFactName, RefundFact } from '../../../src/providers/facts.js';
import { FAKE } from './fake.provider.js';

const AT = new Date('2026-11-22T01:02:03.000Z');

/** What a provider says of a payment of ours, with the ids that it would have. */
export function paymentFact(
  payment: PaymentRow,
  name: PaymentFactName,
  changes: Partial<Omit<PaymentFact, 'kind' | 'name'>> = {},
): PaymentFact {
  const charged = name === 'succeeded' || name === 'authorized';
  return {
    kind: 'payment',
    name,
    livemode: false,
    occurredAt: AT,
    money: { amount: payment.amount, currency: payment.currency },
    ...changes,
    ref: {
      provider: FAKE,
      paymentId: payment.id,
      orderId: payment.orderId ?? undefined,
      ...(charged ? { providerPaymentId: `pi_${payment.id}`, chargeId: `ch_${payment.id}` } : {}),
      ...changes.ref,
    },
  };
}

/** Money for an order, of a payment that we did not open. */
export function foreignFact(
  orderId: string | null | undefined,
  name: PaymentFactName,
  changes: Partial<Omit<PaymentFact, 'kind' | 'name'>> = {},
): PaymentFact {
  const id = randomUUID();
  return {
    kind: 'payment',
    name,
    livemode: false,
    occurredAt: AT,
    money: { amount: 1_999n, currency: 'USD' },
    ...changes,
    ref: {
      provider: FAKE,
      orderId: orderId ?? undefined,
      providerPaymentId: `pi_${id}`,
      chargeId: `ch_${id}`,
      ...changes.ref,
    },
  };
}

/** Refunds and disputes carry the provider's ids only. */
export function refundFact(
  payment: PaymentRow,
  refundId: string,
  status: RefundFact['status'],
  amount: bigint,
  changes: Partial<Omit<RefundFact, 'kind'>> = {},
): RefundFact {
  return {
    kind: 'refund',
    ref: { provider: FAKE, chargeId: `ch_${payment.id}` },
    livemode: false,
    occurredAt: AT,
    refundId: `re_${refundId}_${payment.id}`,
    status,
    money: { amount, currency: payment.currency },
    ...changes,
  };
}

export function disputeFact(
  payment: PaymentRow,
  disputeId: string,
  status: DisputeFact['status'],
  changes: Partial<Omit<DisputeFact, 'kind'>> = {},
): DisputeFact {
  return {
    kind: 'dispute',
    ref: { provider: FAKE, providerPaymentId: `pi_${payment.id}` },
    livemode: false,
    occurredAt: AT,
    disputeId: `dp_${disputeId}_${payment.id}`,
    status,
    money: { amount: payment.amount, currency: payment.currency },
    ...changes,
  };
}
