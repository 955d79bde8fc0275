import { BlockList, isIP } from 'node:net';
import type Stripe from 'stripe';
import { invalidField } from '../../../kernel/errors.js';
import type { EndpointLimit, EndpointRules } from '../../webhook.ports.js';
import { STRIPE } from '../stripe.account.js';

export const ENDPOINT_LIMIT: EndpointLimit = { provider: STRIPE, title: 'Stripe', most: 16 };
const EVERY_EVENT = '*';

/** @throws ServiceError invalid_request naming `url`, for an address that Stripe would not deliver to. */
export function assertUrl(text: string, { livemode, publicOnly }: EndpointRules): void {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'https:' && url?.protocol !== 'http:')
    throw invalidField('url', 'must be a web address');
  if (livemode && url.protocol !== 'https:') throw invalidField('url', 'must be https: with a live key');
  if (publicOnly && !isPublicHost(url.hostname)) {
    throw invalidField('url', 'must be on a host that Stripe reaches from outside');
  }
}

/** @throws ServiceError invalid_request naming the event that is not one of Stripe's snapshot events. */
export function assertEvents(events: readonly string[]): void {
  events.forEach((event, index) => {
    if (event === EVERY_EVENT && events.length === 1) return;
    // Thin events (v2.…) have event destinations of their own.
    if (/^[a-z][a-z_]*(\.[a-z_]+)+$/.test(event)) return;
    throw invalidField(
      `events[${index}]`,
      'must be the name of an event of Stripe, such as charge.succeeded',
    );
  });
}

/** Addresses that mean something else, or nothing, to somebody outside. */
const NOT_PUBLIC = new BlockList();
for (const [net, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
] as const) {
  NOT_PUBLIC.addSubnet(net, prefix, 'ipv4');
}
for (const [net, prefix] of [
  ['::', 127],
  ['fc00::', 7],
  ['fe80::', 10],
] as const) {
  NOT_PUBLIC.addSubnet(net, prefix, 'ipv6');
}

function isPublicHost(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  const version = isIP(host);
  if (version !== 0) return !NOT_PUBLIC.check(host, version === 4 ? 'ipv4' : 'ipv6');
  return host.includes('.') && !/\.(localhost|local|internal|home\.arpa)$/.test(host);
}

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
