import type { OrdersSettings } from '../../config/settings.js';
import { wireOrderId } from '../../kernel/order.id.js';
import type { OutboxMessage } from '../outbox.message.js';

/** What is to be told, as every row holds it, whatever the settings were when it was written. */
interface Paid {
  stripePaymentId: string;
  orderId: string | number;
  receiptUrl: string;
}

type Wording = Pick<OrdersSettings, 'eventSubject' | 'eventKeys' | 'idType'>;

/**
 * The message as this installation's orders service wants it. Rows hold the reference form: it is put into the
 * present settings' names when it is sent, so that what waited goes out by them too.
 * @throws Error where the row holds something else
 */
export function inOrdersWords(
  message: Pick<OutboxMessage, 'body'>,
  settings: Wording,
): { subject: string; body: string } {
  const paid = paidOf(message);
  const values = { ...paid, orderId: typedOrderId(paid.orderId, settings) };
  const { stripePaymentId, orderId, receiptUrl } = settings.eventKeys;
  const named: [string, unknown][] = [
    [stripePaymentId, values.stripePaymentId],
    [orderId, values.orderId],
    [receiptUrl, values.receiptUrl],
  ];
  const data = Object.fromEntries(named.filter(([name]) => name !== ''));
  const subject = settings.eventSubject;
  return { subject, body: JSON.stringify({ pattern: patternOf(subject), data }) };
}

/** The order's id as its owner writes it; null where the row names none. */
export function ordersIdOf(
  message: Pick<OutboxMessage, 'body' | 'orderId'>,
  settings: Pick<OrdersSettings, 'idType'>,
): string | number | null {
  if (message.orderId === null) return null;
  try {
    return typedOrderId(paidOf(message).orderId, settings);
  } catch {
    return typedOrderId(message.orderId, settings);
  }
}

/** A Nest client writes `{cmd: 'name'}` into the packet, and its JSON text as the subject. */
export function patternOf(subject: string): unknown {
  return subject.startsWith('{') ? JSON.parse(subject) : subject;
}

function typedOrderId(orderId: string | number, { idType }: Pick<Wording, 'idType'>): string | number {
  return typeof orderId === 'number' ? orderId : wireOrderId(orderId, idType);
}

function paidOf({ body }: Pick<OutboxMessage, 'body'>): Paid {
  const packet: unknown = JSON.parse(body);
  const data = typeof packet === 'object' && packet !== null && 'data' in packet ? packet.data : undefined;
  if (!isPaid(data)) throw new Error('the row does not hold the three keys of payment.succeeded');
  return data;
}

function isPaid(data: unknown): data is Paid {
  if (typeof data !== 'object' || data === null) return false;
  const { stripePaymentId, orderId, receiptUrl } = { ...EMPTY, ...data };
  const isId = typeof orderId === 'string' || typeof orderId === 'number';
  return typeof stripePaymentId === 'string' && isId && typeof receiptUrl === 'string';
}

const EMPTY: Partial<Record<keyof Paid, unknown>> = {};
