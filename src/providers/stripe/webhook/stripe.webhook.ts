import Stripe from 'stripe';
import { ServiceError } from '../../../kernel/errors.js';
import type { WebhookEvent, WebhookRequest } from '../../provider.port.js';
import { STRIPE } from '../stripe.account.js';
import { accountNamedBy } from './stripe.owner.js';
import { isJson, textOf } from '../../json.read.js';
import { parseSignatureHeader, signatureHeader } from './stripe.webhook.header.js';
import { decodeBody, fingerprintOf, parseBody } from '../../json.read.js';

/** Seconds that a delivery may be old, or ahead of our clock. Stripe signs every retry anew. */
const TOLERANCE = 300;

/** They say which endpoint it is sent to and how many have it yet: two deliveries of one event may differ in them. */
const OF_THE_DELIVERY = new Set(['pending_webhooks', 'api_version']);

const webhooks = Stripe.webhooks;

/** Equal for all deliveries of one event; different as soon as anything else in it is. */
export function stripeFingerprint(payload: unknown): string {
  return fingerprintOf(payload, OF_THE_DELIVERY);
}

/**
 * Checks that Stripe sent these bytes, now, to us; only then looks inside them. Any of the secrets may match.
 * @throws ServiceError signature_invalid, always with the same message; the reason is in the details.
 */
export function verifyWebhook(request: WebhookRequest, secrets: readonly string[]): WebhookEvent {
  const text = verifiedText(request, secrets);
  const payload = parseBody(text);
  if (!isJson(payload)) throw notAuthentic('body_malformed');
  const eventId = textOf(payload.id);
  const type = textOf(payload.type);
  if (eventId === undefined || !/^evt_\w{1,200}$/.test(eventId) || type === undefined) {
    throw notAuthentic('event_malformed');
  }
  return {
    provider: STRIPE,
    eventId,
    type,
    livemode: payload.livemode === true,
    account: accountNamedBy(payload),
    fingerprint: stripeFingerprint(payload),
    payload,
  };
}

function verifiedText(request: WebhookRequest, secrets: readonly string[]): string {
  const raw = signatureHeader(request.rawHeaders);
  if (raw === undefined) throw notAuthentic('header_missing_or_repeated');
  const header = parseSignatureHeader(raw);
  if (header === undefined) throw notAuthentic('header_malformed');
  if (request.body.byteLength === 0) throw notAuthentic('body_empty');
  const text = decodeBody(request.body);
  if (text === undefined) throw notAuthentic('body_not_utf8');
  const now = request.now.getTime();
  const age = Math.floor(now / 1000) - header.timestamp;
  if (age > TOLERANCE) throw notAuthentic('timestamp_too_old');
  // The SDK has no bound on this side.
  if (age < -TOLERANCE) throw notAuthentic('timestamp_in_future');
  if (!secrets.some((secret) => matches(text, header.value, secret, now)))
    throw notAuthentic('no_signature_matches');
  return text;
}

function matches(text: string, header: string, secret: string, now: number): boolean {
  try {
    return webhooks.signature?.verifyHeader(text, header, secret, TOLERANCE, undefined, now) === true;
  } catch {
    return false;
  }
}

function notAuthentic(reason: string): ServiceError {
  return new ServiceError('signature_invalid', 'The signature does not match', { reason });
}
