import { orderIdText } from '../kernel/order.id.js';
import { receiptAddress } from '../kernel/web.address.js';
import type { OutboxMessage } from './outbox.message.js';

export const EVENT_SUBJECTS = 'payments.events.';
/** Under which rows hold what orders services are told; see orders.wording for what goes out. */
export const LEGACY_SUBJECT = 'payment.succeeded';

export interface StreamEvent {
  /** A UUID: the event's id for ever, in every delivery of it. */
  id: string;
  /** Such as `payment.succeeded`; also the end of the subject. */
  type: string;
  occurredAt: Date;
  orderId: string | null;
  /** Events of one payment leave in the order in which they happened. */
  paymentId: string;
  /** Who says so: the CloudEvents source, a URI or a path. */
  source: string;
  /** What consumers see. A bigint becomes a JSON integer. */
  data: object;
}

/**
 * An event for the JetStream stream: Nest's envelope as the body, the CloudEvents attributes as headers.
 * @throws RangeError for a bigint beyond 2^53, which a JSON reader would round
 */
export function streamMessage(event: StreamEvent): OutboxMessage {
  const subject = `${EVENT_SUBJECTS}${event.type}`;
  const headers: Record<string, string> = {
    'Nats-Msg-Id': event.id,
    'ce-specversion': '1.0',
    'ce-id': event.id,
    'ce-type': event.type,
    'ce-source': event.source,
    'ce-time': event.occurredAt.toISOString(),
  };
  if (event.orderId !== null) headers['ce-subject'] = headerValue(event.orderId);
  return {
    id: event.id,
    channel: 'stream',
    key: event.paymentId,
    orderId: event.orderId,
    subject,
    body: toJson({ pattern: subject, data: event.data }),
    headers,
  };
}

/**
 * The one message that an unmodified orders service understands, in the reference form: earlier versions send
 * it as it is. The receiving DTO refuses a fourth key, and a receipt URL whose host has no top-level domain.
 */
export function legacySucceeded(paid: {
  /** A UUID; it does not go out. */
  id: string;
  paymentId: string;
  /** A number where the order's owner counts orders. */
  orderId: string | number;
  chargeId: string;
  receiptUrl: string;
}): OutboxMessage {
  const data = { stripePaymentId: paid.chargeId, orderId: paid.orderId, receiptUrl: paid.receiptUrl };
  return {
    id: paid.id,
    channel: 'orders',
    key: paid.paymentId,
    orderId: orderIdText(paid.orderId),
    subject: LEGACY_SUBJECT,
    body: JSON.stringify({ pattern: LEGACY_SUBJECT, data }),
    headers: {},
  };
}

/**
 * A message that waits from a version that took a provider's receipt as it came: with our own page where that is none.
 * @param publicUrl where this service is reached
 */
export function withSoundReceipt<M extends OutboxMessage & { receiptChecked?: boolean }>(
  message: M,
  publicUrl: string,
): M {
  if (message.receiptChecked === true || !message.body.includes('"receiptUrl":"')) return message;
  const envelope: { data?: { receiptUrl?: unknown } } = JSON.parse(message.body);
  const receiptUrl = envelope.data?.receiptUrl;
  if (typeof receiptUrl !== 'string' || receiptAddress(receiptUrl) !== undefined) return message;
  const ours = `${publicUrl}/payments/${message.key}/receipt`;
  return { ...message, body: JSON.stringify({ ...envelope, data: { ...envelope.data, receiptUrl: ours } }) };
}

function toJson(value: object): string {
  return JSON.stringify(value, (_key, part: unknown) => (typeof part === 'bigint' ? toInteger(part) : part));
}

function toInteger(value: bigint): number {
  const integer = Number(value);
  if (!Number.isSafeInteger(integer)) throw new RangeError(`${value} does not fit a JSON integer`);
  return integer;
}

/** An order id is any text. CloudEvents percent-encodes what a header cannot hold. */
function headerValue(text: string): string {
  // Half a surrogate pair, which encodeURIComponent throws at, becomes the replacement character.
  const wellFormed = Buffer.from(text).toString();
  return wellFormed.replace(/[^\x21\x23\x24\x26-\x7e]+/gu, encodeURIComponent);
}
