import { describe, expect, it } from '@jest/globals';
import { ScriptedStripe } from '../../../../test/support/stripe/stripe.calls.js';
import { thinTwin } from '../../../../test/support/stripe/thin.events.js';
import type { Json } from '../../json.read.js';
import { ProviderError } from '../../provider.errors.js';
import type { WebhookEvent } from '../../webhook.ports.js';
import { BILLING_EVENTS, mayNeedRead, subjectOf } from './stripe.subject.js';
import { complete } from './stripe.thin.js';
import { ENDPOINT_EVENTS } from '../endpoint/stripe.endpoint.rules.js';
import { invoiceJson, subscriptionJson } from '../../../../test/support/stripe/stripe.objects.js';
import { TRANSLATED_EVENTS } from './stripe.webhook.facts.js';

function eventOf(type: string, object: Json, previous_attributes: Json = {}): WebhookEvent {
  const payload = { id: 'evt_1', created: 1_790_000_000, type, data: { object, previous_attributes } };
  return { provider: 'stripe', eventId: 'evt_1', type, livemode: false, payload };
}

function subject(type: string, object: Json, previous_attributes: Json = {}) {
  return subjectOf(eventOf(type, object, previous_attributes));
}

/** By the thin event of the same, in front of a Stripe that has the object and these events. */
async function subjectOfThin(event: WebhookEvent, object: Json, events: Json = {}) {
  const path = `/v1/${String(object.object).replace('.', '/')}s/${String(object.id)}`;
  const stripe = new ScriptedStripe({ [`GET ${path}`]: object, ...events });
  const thin = thinTwin(event);
  const told = subjectOf(thin);
  expect([told?.kind, mayNeedRead(thin)]).toEqual([expect.any(String), true]);
  return {
    reads: stripe.reads,
    subject: told?.kind === 'unread' ? subjectOf(await complete(stripe, thin)) : told,
  };
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
  [
    'payment_method.detached',
    { object: 'payment_method', id: 'pm_1', customer: null },
    CUSTOMER,
    { customer: 'cus_1' },
  ],
  ['payment_method.', { object: 'payment_method', id: 'pm_1', customer: 'cus_1' }, CUSTOMER],
  ['product.', { object: 'product', id: 'prod_1', metadata: { priceId: 'price_1' } }, PLAN],
  ['price.', { object: 'price', id: 'price_1' }, PLAN],
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
    expect(mayNeedRead(eventOf(type, sample?.[1] ?? {}, sample?.[3]))).toBe(true);
  });

  it.each(BILLING_EVENTS)('is told by the thin v1.%s after its read', async (type) => {
    const [, object = {}, expected, before] = SAMPLES.find(([prefix]) => type.startsWith(prefix)) ?? [];
    const event = eventOf(type, object, before);
    const { reads, subject: told } = await subjectOfThin(event, object, {
      'GET /v1/events/evt_1': event.payload,
    });
    expect(told).toEqual(expected);
    // These are read once it is known whether we have them.
    const isPlain = ['customer', 'price'].includes(String(object.object));
    expect(reads.length === 0).toBe(isPlain);
  });

  it('is nobody of ours where a card was taken from its customer, and no snapshot says from whom', async () => {
    const card = { object: 'payment_method', id: 'pm_1', customer: null };
    const event = eventOf('payment_method.detached', card, { customer: 'cus_1' });
    expect((await subjectOfThin(event, card)).subject).toBeUndefined();
    const refusal = new ProviderError('authentication', 'not for this key', { provider: 'stripe' });
    const refused = await subjectOfThin(event, card, { 'GET /v1/events/evt_1': refusal });
    expect(refused.subject).toBeUndefined();
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
