import { invalidField, ServiceError } from '../../kernel/errors.js';
import type { RemoteEndpoint } from '../webhook.endpoints.js';
import { EVENT_NAMES } from './conekta.event.names.js';
import { CONEKTA } from './conekta.name.js';

export interface EndpointRules {
  livemode: boolean;
  /** Conekta itself delivers, from outside; a stand-in reaches this machine too. */
  publicOnly: boolean;
}

/** Of each mode, and a key sees its own mode only. */
const MAX_ENDPOINTS = 10;
/** Wherever in the URL it stands, even in the query: such is the pattern that Conekta documents. */
const LOCAL = /localhost|127\.0\.0\.1/;

/** @throws ServiceError invalid_request naming `url`, for an address that Conekta refuses. */
export function assertUrl(text: string, { publicOnly }: EndpointRules): void {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'https:' && url?.protocol !== 'http:')
    throw invalidField('url', 'must be a web address');
  if (publicOnly && LOCAL.test(text)) {
    throw invalidField('url', 'must be a public one: Conekta refuses localhost and 127.0.0.1');
  }
}

/** @throws ServiceError invalid_request naming the event that Conekta does not have. */
export function assertEvents(events: readonly string[]): void {
  const stranger = events.findIndex((event) => !EVENT_NAMES.has(event));
  if (stranger === -1) return;
  throw invalidField(`events[${stranger}]`, 'must be the name of an event of Conekta, such as order.paid');
}

/** @throws ServiceError endpoint_limit_reached when one more does not fit. */
export function assertRoom(existing: readonly RemoteEndpoint[], { livemode }: EndpointRules): void {
  if (existing.filter((endpoint) => endpoint.livemode === livemode).length < MAX_ENDPOINTS) return;
  throw new ServiceError(
    'endpoint_limit_reached',
    `Conekta takes at most ${MAX_ENDPOINTS} webhook endpoints in ${livemode ? 'live' : 'test'} mode`,
    { provider: CONEKTA, limit: MAX_ENDPOINTS },
  );
}
