import Stripe from 'stripe';
import { decodeBody, isJson, parseBody, textOf } from '../../json.read.js';
import { notAuthentic, onlyHeader, type WebhookEvent, type WebhookRequest } from '../../webhook.ports.js';
import { STRIPE } from '../stripe.account.js';
import { accountNamedBy } from './stripe.owner.js';

const SIGNATURE_HEADER = 'stripe-signature';
/** One per active secret; Stripe keeps far fewer active. */
const MAX_SIGNATURES = 16;
const MAX_LENGTH = 2_048;

/** Seconds behind or ahead of our clock. Stripe signs every retry anew. */
const TOLERANCE = 300;

/** They depend on the endpoint, and on who has the event yet. */
const OF_THE_DELIVERY = new Set(['pending_webhooks', 'api_version']);

/**
 * Looks inside the body only after the signature matched one of the secrets.
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
    ofTheDelivery: OF_THE_DELIVERY,
    payload,
  };
}

function verifiedText(request: WebhookRequest, secrets: readonly string[]): string {
  const raw = onlyHeader(request, SIGNATURE_HEADER);
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
    return Stripe.webhooks.signature?.verifyHeader(text, header, secret, TOLERANCE, undefined, now) === true;
  } catch {
    return false;
  }
}

/**
 * @returns the seconds since 1970 and the header, reduced to the timestamp and well-formed v1 signatures. Undefined for
 * a header that Stripe would not write.
 */
function parseSignatureHeader(text: string): { timestamp: number; value: string } | undefined {
  if (text.length > MAX_LENGTH) return undefined;
  const parts = text.split(',');
  const timestamps = parts.filter((part) => part.startsWith('t='));
  const signatures = parts.filter((part) => part.startsWith('v1='));
  const [timestamp = ''] = timestamps;
  if (timestamps.length !== 1 || !/^t=\d{1,12}$/.test(timestamp)) return undefined;
  if (signatures.length > MAX_SIGNATURES) return undefined;
  const wellFormed = signatures.filter((part) => /^v1=[0-9a-f]{64}$/.test(part));
  if (wellFormed.length === 0) return undefined;
  return { timestamp: Number(timestamp.slice(2)), value: [timestamp, ...wellFormed].join(',') };
}
