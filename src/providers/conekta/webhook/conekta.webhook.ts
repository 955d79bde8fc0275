import { constants, createPublicKey, type KeyObject, verify } from 'node:crypto';
import { decodeBody, isJson, parseBody, textOf } from '../../json.read.js';
import { notAuthentic, onlyHeader, type WebhookEvent, type WebhookRequest } from '../../webhook.ports.js';
import { CONEKTA } from '../conekta.account.js';

const DIGEST_HEADER = 'digest';
/** Signatures of keys up to 4,096 bits. */
const MAX_SIGNATURE_BYTES = 512;

/** More than are ever good at once; the oldest is dropped. */
const MAX_KEYS = 64;
const parsedKeys = new Map<string, KeyObject | undefined>();

/** They count Conekta's attempts, and so differ between deliveries. */
const OF_THE_DELIVERY = new Set(['webhook_status', 'webhook_logs']);

/**
 * Checks that Conekta signed these bytes, then looks inside. The signature covers no time, so an old delivery stays
 * authentic: the inbox knows its id, and its money is read from the API.
 * @param keys PEM public keys, of which any may match; the request names none.
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
    ofTheDelivery: OF_THE_DELIVERY,
    payload,
  };
}

function verifiedText(request: WebhookRequest, keys: readonly string[]): string {
  const header = onlyHeader(request, DIGEST_HEADER);
  if (header === undefined) throw notAuthentic('header_missing_or_repeated');
  const signature = parseDigest(header);
  if (signature === undefined) throw notAuthentic('header_malformed');
  if (request.body.byteLength === 0) throw notAuthentic('body_empty');
  if (!isSigned(request.body, signature, keys)) throw notAuthentic('no_signature_matches');
  const text = decodeBody(request.body);
  if (text === undefined) throw notAuthentic('body_not_utf8');
  return text;
}

/** Undefined for anything but canonical base64: Node skips what it does not understand. */
function parseDigest(text: string): Buffer | undefined {
  if (text === '' || text.length > Math.ceil(MAX_SIGNATURE_BYTES / 3) * 4) return undefined;
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : undefined;
}

/** Whether one of the keys signed the bytes. Every key is tried, so that the time does not tell which. */
function isSigned(body: Uint8Array, signature: Uint8Array, pems: readonly string[]): boolean {
  const padding = constants.RSA_PKCS1_PADDING;
  const matching = [...new Set(pems)].filter((pem) => {
    const key = keyOf(pem);
    return key !== undefined && verify('sha256', body, { key, padding }, signature);
  });
  return matching.length > 0;
}

/** Undefined for what is no RSA key: it verifies nothing, and the others still do. */
function keyOf(pem: string): KeyObject | undefined {
  if (!parsedKeys.has(pem)) {
    const [oldest] = parsedKeys.keys();
    if (parsedKeys.size >= MAX_KEYS && oldest !== undefined) parsedKeys.delete(oldest);
    parsedKeys.set(pem, parsed(pem));
  }
  return parsedKeys.get(pem);
}

function parsed(pem: string): KeyObject | undefined {
  try {
    const key = createPublicKey(pem);
    return key.asymmetricKeyType === 'rsa' ? key : undefined;
  } catch {
    return undefined;
  }
}
