import { BlockList, isIP } from 'node:net';
import type Stripe from 'stripe';
import { invalidField } from '../../../kernel/errors.js';
import { type EndpointLimit, type EndpointRules, webAddressOf } from '../../webhook.ports.js';
import { STRIPE } from '../stripe.account.js';

export const ENDPOINT_LIMIT: EndpointLimit = { provider: STRIPE, title: 'Stripe', most: 16 };
const EVERY_EVENT = '*';

/** @throws ServiceError invalid_request naming `url`, for an address that Stripe would not deliver to. */
export function assertUrl(text: string, { livemode, publicOnly }: EndpointRules): void {
  const url = webAddressOf(text);
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
for (const [net, prefix, family] of [
  ['0.0.0.0', 8, 'ipv4'],
  ['10.0.0.0', 8, 'ipv4'],
  ['100.64.0.0', 10, 'ipv4'],
  ['127.0.0.0', 8, 'ipv4'],
  ['169.254.0.0', 16, 'ipv4'],
  ['172.16.0.0', 12, 'ipv4'],
  ['192.168.0.0', 16, 'ipv4'],
  ['::', 127, 'ipv6'],
  ['fc00::', 7, 'ipv6'],
  ['fe80::', 10, 'ipv6'],
] as const) {
  NOT_PUBLIC.addSubnet(net, prefix, family);
}

function isPublicHost(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  const version = isIP(host);
  if (version !== 0) return !NOT_PUBLIC.check(host, version === 4 ? 'ipv4' : 'ipv6');
  return host.includes('.') && !/\.(localhost|local|internal|home\.arpa)$/.test(host);
}

/** What an endpoint is subscribed to unless something else is wished; the SDK's types know every name. */
export const ENDPOINT_EVENTS = [
  'checkout.session.async_payment_failed',
  'checkout.session.async_payment_succeeded',
  'checkout.session.completed',
  'checkout.session.expired',
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
  'customer.subscription.created',
  'customer.subscription.deleted',
  'customer.subscription.paused',
  'customer.subscription.pending_update_applied',
  'customer.subscription.pending_update_expired',
  'customer.subscription.resumed',
  'customer.subscription.trial_will_end',
  'customer.subscription.updated',
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
  'payment_method.attached',
  'payment_method.automatically_updated',
  'payment_method.detached',
  'payment_method.updated',
  'price.created',
  'price.deleted',
  'price.updated',
  'product.created',
  'product.deleted',
  'product.updated',
] as const satisfies readonly Stripe.WebhookEndpointCreateParams.EnabledEvent[];
