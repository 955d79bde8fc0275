import { describe, expect, it } from '@jest/globals';
import {
  isCustomerEvent,
  isDisputeEvent,
  isEventOf,
  isMoneyEvent,
  isPaymentEvent,
  isRefundEvent,
  isSubscriptionEvent,
} from './event.guards.js';
import { samplePaymentEvent, sampleSubscriptionEvent } from './sample.events.js';

const paid = samplePaymentEvent('payment.succeeded');
const moneyBack = { id: 're_1', amount: 500, status: 'succeeded', reason: null };

describe('the guard of payment events', () => {
  it('accepts a complete event, as it comes from JSON', () => {
    expect(isPaymentEvent(JSON.parse(JSON.stringify(paid)))).toBe(true);
  });

  it('accepts fields that a later version of the service adds', () => {
    expect(isPaymentEvent({ ...paid, riskScore: 12, status: 'a_new_status' })).toBe(true);
  });

  it('accepts what is not there yet, as null and as nothing', () => {
    const early = {
      ...paid,
      paymentMethod: null,
      receiptUrl: null,
      providerIds: { session: 'cs_1', payment: null },
    };
    const { paymentMethod: _method, receiptUrl: _url, ...without } = paid;
    expect(isPaymentEvent(early)).toBe(true);
    expect(isPaymentEvent(without)).toBe(true);
  });

  it.each([
    ['nothing', undefined],
    ['an array', [paid]],
    ['a text', JSON.stringify(paid)],
    ['an unknown type', { ...paid, type: 'payment.teleported' }],
    ['no order', { ...paid, orderId: undefined }],
    ['an empty event id', { ...paid, eventId: '' }],
    ['an amount as text', { ...paid, amount: '3998' }],
    ['an amount in major units', { ...paid, amount: 39.98 }],
    ['an amount that JSON could not hold exactly', { ...paid, amount: 2 ** 53 }],
    ['a lower case currency', { ...paid, currency: 'usd' }],
    ['a time that is none', { ...paid, occurredAt: 'yesterday' }],
    ['no version', { ...paid, version: undefined }],
    ['provider ids as a text', { ...paid, providerIds: 'ch_1' }],
    ['a payment method without a type', { ...paid, paymentMethod: { last4: '4242' } }],
    ['metadata as a list', { ...paid, metadata: [] }],
  ])('refuses %s', (_what, value) => {
    expect(isPaymentEvent(value)).toBe(false);
  });
});

describe('the guards of refund and dispute events', () => {
  it('want the payment and what happened to its money', () => {
    const refunded = { ...paid, type: 'refund.succeeded', refund: moneyBack };
    const disputed = { ...paid, type: 'dispute.opened', dispute: { ...moneyBack, status: 'open' } };
    expect([isRefundEvent(refunded), isDisputeEvent(disputed)]).toEqual([true, true]);
    expect([isMoneyEvent(refunded), isMoneyEvent(disputed)]).toEqual([true, true]);
  });

  it('refuse one without it, or with an amount that is no integer', () => {
    expect(isRefundEvent({ ...paid, type: 'refund.succeeded' })).toBe(false);
    expect(isRefundEvent({ ...paid, type: 'refund.succeeded', refund: { ...moneyBack, amount: 5.5 } })).toBe(
      false,
    );
    expect(isDisputeEvent({ ...paid, type: 'dispute.opened', refund: moneyBack })).toBe(false);
  });

  it('tell the types apart', () => {
    expect(isEventOf('payment.succeeded', paid)).toBe(true);
    expect(isEventOf('payment.failed', paid)).toBe(false);
  });
});

describe('the guard of subscription and customer events', () => {
  const subscription = sampleSubscriptionEvent('subscription.renewed');
  const customer = {
    type: 'customer.updated',
    eventId: 'e1',
    occurredAt: subscription.occurredAt,
    customerId: subscription.customerId,
    version: 2,
    deleted: false,
    defaultPaymentSourceId: null,
    paymentSources: [],
    metadata: {},
  };

  it('accepts whole ones, and knows them by their type', () => {
    expect(isSubscriptionEvent(JSON.parse(JSON.stringify(subscription)))).toBe(true);
    expect(isEventOf('subscription.renewed', subscription)).toBe(true);
    expect(isEventOf('subscription.canceled', subscription)).toBe(false);
    expect(isCustomerEvent(customer)).toBe(true);
    expect(isMoneyEvent(subscription)).toBe(false);
  });

  it.each([
    ['no subscription', { ...subscription, subscriptionId: undefined }],
    ['a version as text', { ...subscription, version: '3' }],
    ['a failed payment without its attempt', { ...subscription, type: 'subscription.payment_failed' }],
  ])('refuses one with %s', (_what, event) => {
    expect(isSubscriptionEvent(event)).toBe(false);
  });

  it('refuses a customer whose cards are no list', () => {
    expect(isCustomerEvent({ ...customer, paymentSources: {} })).toBe(false);
  });
});
