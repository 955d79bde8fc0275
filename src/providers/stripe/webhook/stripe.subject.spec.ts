import { describe, expect, it } from '@jest/globals';
import type { Json } from '../../json.read.js';
import { BILLING_EVENTS, subjectOf } from './stripe.subject.js';
import { ENDPOINT_EVENTS } from '../endpoint/stripe.endpoint.rules.js';
import { invoiceJson, subscriptionJson } from '../../../../test/support/stripe/stripe.objects.js';
import { TRANSLATED_EVENTS } from './stripe.webhook.facts.js';

function subject(type: string, object: Json, previous_attributes: Json = {}) {
  const payload = { id: 'evt_1', created: 1_790_000_000, type, data: { object, previous_attributes } };
  return subjectOf({ provider: 'stripe', eventId: 'evt_1', type, livemode: false, payload });
}

const CUSTOMER = { kind: 'customer', providerCustomerId: 'cus_1' };
const PLAN = { kind: 'plan', providerPlanId: 'price_1' };
const ofSubscription = (trialEnding: boolean) => ({
  kind: 'subscription',
  providerSubscriptionId: 'sub_1',
  providerCustomerId: 'cus_1',
  periodIds: ['in_2'],
  trialEnding,
});

/** What each kind of event carries, by the beginning of its name. */
const SAMPLES: readonly (readonly [prefix: string, object: Json, expected: object, before?: Json])[] = [
  ['customer.subscription.trial_will_end', subscriptionJson(), ofSubscription(true)],
  ['customer.subscription.', subscriptionJson(), ofSubscription(false)],
  ['customer.', { object: 'customer', id: 'cus_1' }, CUSTOMER],
  ['payment_method.detached', { id: 'pm_1', customer: null }, CUSTOMER, { customer: 'cus_1' }],
  ['payment_method.', { id: 'pm_1', customer: 'cus_1' }, CUSTOMER],
  ['product.', { id: 'prod_1', metadata: { priceId: 'price_1' } }, PLAN],
  ['price.', { id: 'price_1' }, PLAN],
  ['invoice.', invoiceJson(), ofSubscription(false)],
  [
    'checkout.session.',
    { object: 'checkout.session', mode: 'setup', id: 'cs_1' },
    { kind: 'card_setup', providerSetupId: 'cs_1' },
  ],
];

describe('what a verified event is about', () => {
  it.each(BILLING_EVENTS)('is told by %s, which endpoints are subscribed to', (type) => {
    const sample = SAMPLES.find(([prefix]) => type.startsWith(prefix));
    expect(subject(type, sample?.[1] ?? {}, sample?.[3])).toEqual(sample?.[2]);
    expect(ENDPOINT_EVENTS).toContain(type);
  });

  it("is a plan by a product's default price, where its product was not made by us", () => {
    expect(subject('product.updated', { id: 'prod_1', default_price: 'price_1' })).toEqual(PLAN);
    expect(subject('product.updated', { id: 'prod_1', default_price: null })).toBeUndefined();
  });

  it('is a subscription by invoices of old versions of the API too, and by no others', () => {
    const old = { object: 'invoice', id: 'in_2', customer: 'cus_1', subscription: 'sub_1' };
    expect(subject('invoice.paid', old)).toEqual(ofSubscription(false));
    expect(subject('invoice.paid', { ...old, subscription: null })).toBeUndefined();
  });

  it('is nothing of this where a payment is concerned', () => {
    const session = { object: 'checkout.session', mode: 'payment', id: 'cs_1' };
    const ofMoney = [undefined, 'payment'];
    expect(ofMoney).toContain(subject('checkout.session.completed', session)?.kind);
    for (const type of TRANSLATED_EVENTS)
      expect(ofMoney).toContain(subject(type, { object: 'charge', id: 'x' })?.kind);
  });
});
