import { BlockList, isIP } from 'node:net';
import { invalidField } from '../../../kernel/errors.js';
import type { EndpointLimit, EndpointRules } from '../../webhook.endpoints.js';
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
