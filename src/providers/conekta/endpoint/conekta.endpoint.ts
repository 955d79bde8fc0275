import { createPublicKey } from 'node:crypto';
import { invalidField } from '../../../kernel/errors.js';
import { integerOf, isJson, listOf, textOf } from '../../json.read.js';
import {
  type EndpointLimit,
  type EndpointRules,
  type RemoteEndpoint,
  type VerificationKey,
  webAddressOf,
} from '../../webhook.ports.js';
import { CONEKTA } from '../conekta.account.js';
import { type ConektaEndpointCalls, listAll } from '../conekta.client.js';
import { EVENT_NAMES } from '../webhook/conekta.event.js';

export const ENDPOINT_LIMIT: EndpointLimit = { provider: CONEKTA, title: 'Conekta', most: 10 };
/** Wherever in the URL it stands, even in the query: such is the pattern that Conekta documents. */
const LOCAL = /localhost|127\.0\.0\.1/;

/** @throws ServiceError invalid_request naming `url`, for an address that Conekta refuses. */
export function assertUrl(text: string, { publicOnly }: EndpointRules): void {
  webAddressOf(text);
  if (publicOnly && LOCAL.test(text))
    throw invalidField('url', 'must be a public one: Conekta refuses localhost and 127.0.0.1');
}

/** @throws ServiceError invalid_request naming the event that Conekta does not have. */
export function assertEvents(events: readonly string[]): void {
  const stranger = events.findIndex((event) => !EVENT_NAMES.has(event));
  if (stranger === -1) return;
  throw invalidField(`events[${stranger}]`, 'must be the name of an event of Conekta, such as order.paid');
}

export interface WebhookKey extends VerificationKey {
  remoteId: string;
  active: boolean;
  /** Seconds since 1970. */
  createdAt: number;
}

/** Undefined for anything but a webhook. */
export function readEndpoint(value: unknown): RemoteEndpoint | undefined {
  if (!isJson(value) || value.object !== 'webhook') return undefined;
  const [remoteId, url] = [textOf(value.id), textOf(value.url)];
  if (remoteId === undefined || url === undefined) return undefined;
  return {
    remoteId,
    url,
    events: listOf(value.subscribed_events).flatMap((event) => textOf(event) ?? []),
    active: value.active !== false,
    livemode: value.livemode === true,
  };
}

/** Undefined for anything but a webhook key that can be verified with. */
export function readKey(value: unknown): WebhookKey | undefined {
  if (!isJson(value) || value.object !== 'webhook_key') return undefined;
  const [remoteId, pem] = [textOf(value.id), publicKeyOf(value.public_key)];
  if (remoteId === undefined || pem === undefined) return undefined;
  const createdAt = integerOf(value.created_at) ?? 0;
  return { remoteId, value: pem, secret: false, active: value.active !== false, createdAt };
}

export async function listEndpoints(client: ConektaEndpointCalls): Promise<RemoteEndpoint[]> {
  return (await listAll(client, '/webhooks')).flatMap((one) => readEndpoint(one) ?? []);
}

export async function listKeys(client: ConektaEndpointCalls): Promise<WebhookKey[]> {
  return (await listAll(client, '/webhook_keys')).flatMap((one) => readKey(one) ?? []);
}

/** PEM. In some places its ends of lines are written out as a backslash and an n. */
function publicKeyOf(value: unknown): string | undefined {
  const pem = textOf(value)?.replaceAll('\\n', '\n');
  if (pem === undefined) return undefined;
  try {
    return createPublicKey(pem).export({ type: 'spki', format: 'pem' }).toString();
  } catch {
    return undefined;
  }
}
