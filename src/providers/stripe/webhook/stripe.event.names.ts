import type Stripe from 'stripe';

type EventName = Stripe.WebhookEndpointCreateParams.EnabledEvent;

const CHECKOUT = [
  'checkout.session.async_payment_failed',
  'checkout.session.async_payment_succeeded',
  'checkout.session.completed',
  'checkout.session.expired',
] as const satisfies readonly EventName[];

const PAYMENTS = [
  'charge.captured',
  'charge.expired',
  'charge.failed',
  'charge.succeeded',
  'payment_intent.amount_capturable_updated',
  'payment_intent.canceled',
  'payment_intent.partially_funded',
  'payment_intent.payment_failed',
  'payment_intent.requires_action',
  'payment_intent.succeeded',
] as const satisfies readonly EventName[];

const MONEY_BACK = [
  'charge.dispute.closed',
  'charge.dispute.created',
  'charge.dispute.funds_reinstated',
  'charge.dispute.funds_withdrawn',
  'charge.dispute.updated',
  'charge.refund.updated',
  'charge.refunded',
  'refund.created',
  'refund.failed',
  'refund.updated',
] as const satisfies readonly EventName[];

const CUSTOMERS = [
  'customer.created',
  'customer.deleted',
  'customer.discount.created',
  'customer.discount.deleted',
  'customer.discount.updated',
  'customer.source.created',
  'customer.source.deleted',
  'customer.source.expiring',
  'customer.source.updated',
  'customer.tax_id.created',
  'customer.tax_id.deleted',
  'customer.tax_id.updated',
  'customer.updated',
] as const satisfies readonly EventName[];

const SUBSCRIPTIONS = [
  'customer.subscription.created',
  'customer.subscription.deleted',
  'customer.subscription.paused',
  'customer.subscription.pending_update_applied',
  'customer.subscription.pending_update_expired',
  'customer.subscription.resumed',
  'customer.subscription.trial_will_end',
  'customer.subscription.updated',
] as const satisfies readonly EventName[];

const INVOICES = [
  'invoice.created',
  'invoice.deleted',
  'invoice.finalization_failed',
  'invoice.finalized',
  'invoice.marked_uncollectible',
  'invoice.overdue',
  'invoice.overpaid',
  'invoice.paid',
  'invoice.payment_action_required',
  'invoice.payment_attempt_required',
  'invoice.payment_failed',
  'invoice.payment_succeeded',
  'invoice.sent',
  'invoice.upcoming',
  'invoice.updated',
  'invoice.voided',
  'invoice.will_be_due',
] as const satisfies readonly EventName[];

const CARDS = [
  'payment_method.attached',
  'payment_method.automatically_updated',
  'payment_method.detached',
  'payment_method.updated',
] as const satisfies readonly EventName[];

const PLANS = [
  'price.created',
  'price.deleted',
  'price.updated',
  'product.created',
  'product.deleted',
  'product.updated',
] as const satisfies readonly EventName[];

/** What an endpoint is subscribed to unless something else is wished; the SDK's types know every name. */
export const ENDPOINT_EVENTS: readonly string[] = [
  ...CHECKOUT,
  ...PAYMENTS,
  ...MONEY_BACK,
  ...CUSTOMERS,
  ...SUBSCRIPTIONS,
  ...INVOICES,
  ...CARDS,
  ...PLANS,
];
