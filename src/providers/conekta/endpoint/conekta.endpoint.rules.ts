import { invalidField } from '../../../kernel/errors.js';
import type { EndpointLimit, EndpointRules } from '../../webhook.endpoints.js';
import { EVENT_NAMES } from '../webhook/conekta.event.names.js';
import { CONEKTA } from '../conekta.account.js';

export const ENDPOINT_LIMIT: EndpointLimit = { provider: CONEKTA, title: 'Conekta', most: 10 };
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
