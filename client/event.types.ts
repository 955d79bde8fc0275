/** The JetStream stream that holds every event of the payments service. */
export const PAYMENTS_STREAM = 'PAYMENTS';

/** Subjects are this prefix and the event's type: `payments.events.payment.succeeded`. */
export const EVENT_SUBJECT_PREFIX = 'payments.events.';

export const PAYMENT_EVENT_TYPES = [
  'payment.created',
  'payment.pending',
  'payment.authorized',
  'payment.attempt_failed',
  'payment.succeeded',
  'payment.failed',
  'payment.expired',
  'payment.canceled',
  'payment.review',
] as const;

export const REFUND_EVENT_TYPES = [
  'refund.created',
  'refund.succeeded',
  'refund.failed',
  'refund.canceled',
] as const;

export const DISPUTE_EVENT_TYPES = [
  'dispute.opened',
  'dispute.updated',
  'dispute.won',
  'dispute.lost',
] as const;

export const CUSTOMER_EVENT_TYPES = ['customer.updated'] as const;

export const SUBSCRIPTION_EVENT_TYPES = [
  'subscription.created',
  'subscription.trial_ending',
  'subscription.activated',
  'subscription.renewed',
  'subscription.payment_failed',
  'subscription.past_due',
  'subscription.paused',
  'subscription.resumed',
  'subscription.updated',
  'subscription.canceled',
] as const;

/** Everything that concerns one payment: what `consumePaymentEvents` can deliver. */
export const MONEY_EVENT_TYPES = [
  ...PAYMENT_EVENT_TYPES,
  ...REFUND_EVENT_TYPES,
  ...DISPUTE_EVENT_TYPES,
] as const;

export type PaymentEventType = (typeof PAYMENT_EVENT_TYPES)[number];
export type RefundEventType = (typeof REFUND_EVENT_TYPES)[number];
export type DisputeEventType = (typeof DISPUTE_EVENT_TYPES)[number];
export type CustomerEventType = (typeof CUSTOMER_EVENT_TYPES)[number];
export type SubscriptionEventType = (typeof SUBSCRIPTION_EVENT_TYPES)[number];
export type MoneyEventType = (typeof MONEY_EVENT_TYPES)[number];

/** Every type name that the payments service publishes. */
export type EventType = MoneyEventType | CustomerEventType | SubscriptionEventType;

/** The subject on which events of a type are published. */
export function subjectOf(type: EventType): string {
  return `${EVENT_SUBJECT_PREFIX}${type}`;
}
