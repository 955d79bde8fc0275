import { describe, expect, it } from '@jest/globals';
import type { Json } from '../../json.read.js';
import { subjectOf, EVENT_NAMES } from './conekta.event.js';

const OBJECTS: Readonly<Record<string, Json>> = {
  customer: { object: 'customer', id: 'cus_1' },
  plan: { object: 'plan', id: 'gold' },
  subscription: {
    object: 'subscription',
    id: 'sub_1',
    customer_id: 'cus_1',
    last_billing_cycle_order_id: 'ord_1',
  },
};
const SUBJECTS: Readonly<Record<string, object>> = {
  customer: { kind: 'customer', providerCustomerId: 'cus_1' },
  plan: { kind: 'plan', providerPlanId: 'gold' },
  subscription: {
    kind: 'subscription',
    providerSubscriptionId: 'sub_1',
    providerCustomerId: 'cus_1',
    periodIds: ['ord_1'],
    trialEnding: false,
  },
};

const subject = (type: string, data: unknown) =>
  subjectOf({ provider: 'conekta', eventId: 'evt-1', type, livemode: false, payload: { data } });

describe("what of ours Conekta's events are about", () => {
  it.each([...EVENT_NAMES])('%s', (type) => {
    const noun = type.split('.', 1)[0] ?? '';
    const object = OBJECTS[noun] ?? { object: noun, id: 'x', customer_id: 'cus_1' };
    expect(subject(type, { object })).toEqual(SUBJECTS[noun]);
  });

  it('is the customer of a blocked card', () => {
    const card = { object: 'payment_source', id: 'src_1', parent_id: 'cus_1' };
    const type = 'customer.payment_source.card.blocked';
    expect(subject(type, { object: card })).toEqual(SUBJECTS.customer);
  });

  it('is a subscription without a cycle while none was charged', () => {
    const object = { ...OBJECTS.subscription, last_billing_cycle_order_id: null };
    expect(subject('subscription.created', { object })).toMatchObject({ periodIds: [] });
  });

  it.each([
    ['subscription.paid', { object: { object: 'charge', id: 'chg_1', customer_id: 'cus_1' } }],
    ['subscription.paid', { object: null }],
    ['plan.created', undefined],
    ['customer.created', { object: { object: 'customer' } }],
  ])('is nothing where %s does not say it: %j', (type, data) => {
    expect(subject(type, data)).toBeUndefined();
  });
});
