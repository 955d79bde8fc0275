import type { PaymentEventType } from './event.types.js';
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
