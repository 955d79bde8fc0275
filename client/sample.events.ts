import type { SubscriptionEvent } from './billing.events.js';
import type { PaymentEventType, SubscriptionEventType } from './event.types.js';
import type { PaymentEvent } from './events.js';

/** A complete, valid payment event for the tests of whoever receives them: a card paid 39.98 USD at Stripe. */
export function samplePaymentEvent<Type extends PaymentEventType>(
  type: Type,
  overrides: Partial<Omit<PaymentEvent, 'type'>> = {},
): PaymentEvent<Type> {
  return {
    eventId: '01930000-0000-7000-8000-00000000e001',
    occurredAt: '2026-01-02T03:04:05.000Z',
    paymentId: '01930000-0000-7000-8000-00000000a001',
    orderId: '7c9e6679-7425-40de-944b-e07fc1f90ae7',
    provider: 'stripe',
    livemode: false,
    status: 'succeeded',
    amount: 3998,
    amountCaptured: 3998,
    amountRefunded: 0,
    currency: 'USD',
    providerIds: { session: 'cs_test_1', payment: 'pi_1', charge: 'ch_1' },
    paymentMethod: { type: 'card', brand: 'visa', last4: '4242' },
    receiptUrl: 'https://pay.example.com/receipts/ch_1',
    metadata: {},
    version: 3,
    adopted: false,
    ...overrides,
    type,
  };
}

/** The same of a subscription: its second month was paid, 777.00 MXN at Conekta. */
export function sampleSubscriptionEvent<Type extends SubscriptionEventType>(
  type: Type,
  overrides: Partial<Omit<SubscriptionEvent, 'type'>> = {},
): SubscriptionEvent<Type> {
  return {
    eventId: '01930000-0000-7000-8000-00000000e002',
    occurredAt: '2026-02-02T03:04:05.000Z',
    subscriptionId: '01930000-0000-7000-8000-00000000b001',
    customerId: '01930000-0000-7000-8000-00000000c001',
    planId: 'gold',
    nextPlanId: null,
    provider: 'conekta',
    livemode: false,
    status: 'active',
    cancelReason: null,
    cancelAtPeriodEnd: false,
    cancelComment: null,
    pausedAt: null,
    canceledAt: null,
    providerIds: { subscription: 'sub_1', customer: 'cus_1' },
    orderId: null,
    trialEnd: null,
    currentPeriodStart: '2026-02-02T03:04:05.000Z',
    currentPeriodEnd: '2026-03-02T03:04:05.000Z',
    metadata: {},
    version: 3,
    paymentSourceId: null,
    failedAttempts: 0,
    nextAttemptAt: null,
    hostedInvoiceUrl: null,
    paymentId: '01930000-0000-7000-8000-00000000a002',
    amount: 77700,
    currency: 'MXN',
    periodStart: '2026-02-02T03:04:05.000Z',
    periodEnd: '2026-03-02T03:04:05.000Z',
    ...overrides,
    type,
  };
}
