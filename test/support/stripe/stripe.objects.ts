import type { Json } from '../../../src/providers/json.read.js';

/** Seconds since 1970. */
export const at = (text: string): number => Date.parse(text) / 1000;

/** A monthly subscription of an anchor on the 31st, in its second cycle. */
export function subscriptionJson(changes: Json = {}): Json {
  return {
    object: 'subscription',
    id: 'sub_1',
    customer: 'cus_1',
    livemode: false,
    status: 'active',
    created: at('2026-01-31T10:00:00Z'),
    billing_cycle_anchor: at('2026-01-31T10:00:00Z'),
    default_payment_method: 'pm_1',
    latest_invoice: 'in_2',
    trial_end: null,
    cancel_at: null,
    cancel_at_period_end: false,
    canceled_at: null,
    ended_at: null,
    cancellation_details: { reason: null },
    pause_collection: null,
    metadata: { subscriptionId: 's-1', operationId: 'op-1' },
    items: {
      data: [
        {
          id: 'si_1',
          price: { object: 'price', id: 'price_1' },
          current_period_start: at('2026-02-28T10:00:00Z'),
          current_period_end: at('2026-03-31T10:00:00Z'),
        },
      ],
    },
    ...changes,
  };
}

/** Of the second cycle, paid. */
export function invoiceJson(changes: Json = {}): Json {
  return {
    object: 'invoice',
    id: 'in_2',
    customer: 'cus_1',
    status: 'paid',
    currency: 'mxn',
    amount_due: 19900,
    created: at('2026-02-28T10:00:00Z'),
    next_payment_attempt: null,
    status_transitions: { paid_at: at('2026-03-02T12:00:00Z') },
    parent: { type: 'subscription_details', subscription_details: { subscription: 'sub_1' } },
    lines: {
      data: [
        {
          period: { start: at('2026-02-10T10:00:00Z'), end: at('2026-02-28T10:00:00Z') },
          parent: { subscription_item_details: { proration: true } },
        },
        {
          period: { start: at('2026-02-28T10:00:00Z'), end: at('2026-03-31T10:00:00Z') },
          parent: { subscription_item_details: { proration: false } },
        },
      ],
    },
    payments: {
      data: [
        { is_default: true, status: 'paid', payment: { type: 'payment_intent', payment_intent: 'pi_2' } },
      ],
    },
    ...changes,
  };
}

export function chargeJson(id: string, created: string, changes: Json = {}): Json {
  return {
    object: 'charge',
    id,
    payment_intent: 'pi_2',
    status: 'failed',
    captured: false,
    currency: 'mxn',
    amount: 19900,
    created: at(created),
    failure_code: 'card_declined',
    outcome: { reason: 'insufficient_funds' },
    payment_method_details: { type: 'card', card: { brand: 'visa', last4: '0341' } },
    metadata: {},
    ...changes,
  };
}

export const PAID_CHARGE = chargeJson('ch_3', '2026-03-02T12:00:00Z', {
  status: 'succeeded',
  captured: true,
  amount_captured: 19900,
  failure_code: null,
  outcome: { reason: null },
  receipt_url: 'https://pay.stripe.com/receipts/3',
});

export function intentJson(changes: Json = {}): Json {
  return {
    object: 'payment_intent',
    id: 'pi_2',
    status: 'succeeded',
    currency: 'mxn',
    amount: 19900,
    amount_received: 19900,
    metadata: { paymentId: 'not-ours' },
    latest_charge: PAID_CHARGE,
    last_payment_error: null,
    ...changes,
  };
}
