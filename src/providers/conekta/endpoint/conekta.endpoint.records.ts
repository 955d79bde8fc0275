import { createPublicKey } from 'node:crypto';
import { integerOf, isJson, listOf, textOf } from '../../json.read.js';
import type { RemoteEndpoint, VerificationKey } from '../../webhook.endpoints.js';
import { type ConektaEndpointCalls, listAll } from '../conekta.client.js';

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
