import { ServiceError } from '../../../kernel/errors.js';
import { isJson, textOf } from '../../json.read.js';
import type { WebhookEvent, WebhookRequest } from '../../provider.port.js';
import { decodeBody, fingerprintOf, parseBody } from '../../json.read.js';
import { CONEKTA } from '../conekta.account.js';
import { digestHeader, parseDigest } from './conekta.webhook.header.js';
import { isSigned } from './conekta.webhook.keys.js';

/** They count Conekta's attempts, and so differ between two deliveries that say the same. */
const OF_THE_DELIVERY = new Set(['webhook_status', 'webhook_logs']);

/** Equal for all deliveries of one event; different as soon as anything else in it is. */
export function conektaFingerprint(payload: unknown): string {
  return fingerprintOf(payload, OF_THE_DELIVERY);
}

/**
 * Checks that Conekta signed these bytes; only then looks inside them. When it did so the signature does not say,
 * so an old delivery stays authentic: the inbox knows its id, and its money is read from the API.
 * @param keys PEM public keys, of which any may match; nothing in the request names one.
 * @throws ServiceError signature_invalid, always with the same message; the reason is in the details.
 */
export function verifyWebhook(request: WebhookRequest, keys: readonly string[]): WebhookEvent {
  const payload = parseBody(verifiedText(request, keys));
  if (!isJson(payload)) throw notAuthentic('body_malformed');
  const [eventId, type] = [textOf(payload.id), textOf(payload.type)];
  if (payload.object !== 'event' || !eventId || !/^[\w-]{1,200}$/.test(eventId) || !type) {
    throw notAuthentic('event_malformed');
  }
  return {
    provider: CONEKTA,
    eventId,
    type,
    livemode: payload.livemode === true,
    fingerprint: conektaFingerprint(payload),
    payload,
  };
}

function verifiedText(request: WebhookRequest, keys: readonly string[]): string {
  const header = digestHeader(request.rawHeaders);
  if (header === undefined) throw notAuthentic('header_missing_or_repeated');
  const signature = parseDigest(header);
  if (signature === undefined) throw notAuthentic('header_malformed');
  if (request.body.byteLength === 0) throw notAuthentic('body_empty');
  if (!isSigned(request.body, signature, keys)) throw notAuthentic('no_signature_matches');
  const text = decodeBody(request.body);
  if (text === undefined) throw notAuthentic('body_not_utf8');
  return text;
}

function notAuthentic(reason: string): ServiceError {
  return new ServiceError('signature_invalid', 'The signature does not match', { reason });
}
