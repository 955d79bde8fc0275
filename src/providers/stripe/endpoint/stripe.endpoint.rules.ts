import { BlockList, isIP } from 'node:net';
import { invalidField } from '../../../kernel/errors.js';
import { type EndpointLimit, type EndpointRules, webAddressOf } from '../../webhook.ports.js';
import { STRIPE } from '../stripe.account.js';
import { eventsOf } from '../webhook/stripe.event.js';

export const ENDPOINT_LIMIT: EndpointLimit = { provider: STRIPE, title: 'Stripe', most: 16 };

/** @throws ServiceError invalid_request naming `url`, where Stripe would not deliver to it. */
export function assertUrl(text: string, { livemode, publicOnly }: EndpointRules): void {
  const url = webAddressOf(text);
  if (livemode && url.protocol !== 'https:') throw invalidField('url', 'must be https: with a live key');
  if (publicOnly && !isPublicHost(url.hostname)) {
    throw invalidField('url', 'must be on a host that Stripe reaches from outside');
  }
}

/** @throws ServiceError invalid_request naming the event that is no snapshot event. */
export function assertEvents(events: readonly string[]): void {
  events.forEach((event, index) => {
    if (event === '*' && events.length === 1) return;
    // Thin events (v2.…) have event destinations of their own.
    if (/^[a-z][a-z_]*(\.[a-z_]+)+$/.test(event)) return;
    const rule = 'must be the name of an event of Stripe, such as charge.succeeded';
    throw invalidField(`events[${index}]`, rule);
  });
}

/** Addresses without meaning outside. */
const NOT_PUBLIC = new BlockList();
const RANGES =
  '0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.168.0.0/16 ' +
  '::/127 fc00::/7 fe80::/10';
for (const range of RANGES.split(' ')) {
  const [net = '', prefix] = range.split('/');
  NOT_PUBLIC.addSubnet(net, Number(prefix), net.includes(':') ? 'ipv6' : 'ipv4');
}

function isPublicHost(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  const version = isIP(host);
  if (version !== 0) return !NOT_PUBLIC.check(host, version === 4 ? 'ipv4' : 'ipv6');
  return host.includes('.') && !/\.(localhost|local|internal|home\.arpa)$/.test(host);
}

/** The default subscription. */
export const ENDPOINT_EVENTS: readonly string[] = [
  ...eventsOf('checkout.session', 'async_payment_failed async_payment_succeeded completed expired'),
  ...eventsOf('charge', 'captured expired failed succeeded'),
  ...eventsOf('payment_intent', 'amount_capturable_updated canceled partially_funded payment_failed'),
  ...eventsOf('payment_intent', 'requires_action succeeded'),
  ...eventsOf('charge.dispute', 'closed created funds_reinstated funds_withdrawn updated'),
  ...eventsOf('charge', 'refund.updated refunded'),
  ...eventsOf('refund', 'created failed updated'),
  ...eventsOf('customer', 'created deleted'),
  ...eventsOf('customer.discount', 'created deleted updated'),
  ...eventsOf('customer.source', 'created deleted expiring updated'),
  ...eventsOf('customer.tax_id', 'created deleted updated'),
  ...eventsOf('customer', 'updated'),
  ...eventsOf('customer.subscription', 'created deleted paused pending_update_applied'),
  ...eventsOf('customer.subscription', 'pending_update_expired resumed trial_will_end updated'),
  ...eventsOf('invoice', 'created deleted finalization_failed finalized marked_uncollectible overdue'),
  ...eventsOf('invoice', 'overpaid paid payment_action_required payment_attempt_required payment_failed'),
  ...eventsOf('invoice', 'payment_succeeded sent upcoming updated voided will_be_due'),
  ...eventsOf('payment_method', 'attached automatically_updated detached updated'),
  ...eventsOf('price', 'created deleted updated'),
  ...eventsOf('product', 'created deleted updated'),
];
