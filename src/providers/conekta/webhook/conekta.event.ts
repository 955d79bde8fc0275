import { isJson, type Json } from '../../json.read.js';
import type { WebhookEvent } from '../../provider.port.js';

/** What `data.object` of an event is, as far as it leads to a payment. */
export type EventSubject = 'order' | 'charge' | 'chargeback' | 'cash_refund';

/**
 * The events that concern payments. Every other one concerns none (customers, plans, payouts, …), or says nothing
 * of money (`charge.score_updated`).
 */
const SUBJECTS: ReadonlyMap<string, EventSubject> = new Map([
  ...named('order', [
    'created',
    'updated',
    'pending_payment',
    'under_fraud_review',
    'fraudulent',
    'declined',
    'pre_authorized',
    'voided',
    'paid',
    'partially_refunded',
    'refunded',
    'charged_back',
    'canceled',
    'expired',
  ]),
  ...named('charge', [
    'created',
    'pending_confirmation',
    'under_fraud_review',
    'fraudulent',
    'declined',
    'preauthorized',
    'paid',
    'refunded',
    'reversed',
    'canceled',
    'expired',
  ]),
  ...named('chargeback', ['created', 'updated', 'under_review', 'won', 'lost'], 'charge.chargeback'),
  ...named('cash_refund', ['created', 'canceled', 'refunded', 'expired']),
]);

export interface ConektaEvent {
  type: string;
  subject: EventSubject;
  /** `data.object`: what the event is about, as it was then. */
  object: Json;
}

/** Undefined for events that concern no payment, and for those without an object, such as `webhook_ping`. */
export function readEvent(event: WebhookEvent): ConektaEvent | undefined {
  const subject = SUBJECTS.get(event.type);
  if (subject === undefined || !isJson(event.payload) || !isJson(event.payload.data)) return undefined;
  const { object } = event.payload.data;
  return isJson(object) ? { type: event.type, subject, object } : undefined;
}

function named(
  subject: EventSubject,
  names: readonly string[],
  prefix: string = subject,
): [string, EventSubject][] {
  return names.map((name) => [`${prefix}.${name}`, subject]);
}
