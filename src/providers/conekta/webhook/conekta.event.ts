import { isJson, type Json, jsonOf } from '../../json.read.js';
import type { WebhookEvent } from '../../webhook.ports.js';

/** The events that tell of what this service keeps: payments, customers, plans, subscriptions, and endpoints. */
const OF_CONCERN: Readonly<Record<string, string>> = {
  order:
    'created updated pending_payment under_fraud_review fraudulent declined pre_authorized voided paid ' +
    'partially_refunded refunded charged_back canceled expired',
  charge:
    'created pending_confirmation under_fraud_review fraudulent declined preauthorized paid refunded reversed ' +
    'canceled expired chargeback.created chargeback.updated chargeback.under_review chargeback.won chargeback.lost',
  cash_refund: 'created canceled refunded expired',
  customer: 'created updated deleted payment_source.card.blocked',
  plan: 'created updated deleted',
  subscription: 'created updated paused resumed canceled expired paid payment_failed',
  webhook: 'created updated deleted',
};

/** What becomes of the money later, between Conekta and the shop. */
const OF_OTHERS: Readonly<Record<string, string>> = {
  charge: 'score_updated',
  receipt: 'created',
  payout: 'created retrying paid_out failed',
  payee: 'created updated deleted payout_method.created payout_method.updated payout_method.deleted',
  cashout: 'canceled confirmed',
};

/** What is subscribed to without a wish. */
export const EVENTS_OF_CONCERN: readonly string[] = [...namesOf(OF_CONCERN), 'webhook_ping'];

/** Every event that Conekta knows. */
export const EVENT_NAMES: ReadonlySet<string> = new Set([...EVENTS_OF_CONCERN, ...namesOf(OF_OTHERS)]);

function namesOf(groups: Readonly<Record<string, string>>): string[] {
  return Object.entries(groups).flatMap(([subject, names]) =>
    names.split(' ').map((name) => `${subject}.${name}`),
  );
}

const OF_CONCERN_NAMES: ReadonlySet<string> = new Set(EVENTS_OF_CONCERN);

/** What `data.object` of an event is, as far as it leads to a payment. */
export type EventSubject = 'order' | 'charge' | 'chargeback' | 'cash_refund';

export interface ConektaEvent {
  type: string;
  subject: EventSubject;
  /** `data.object`: what the event is about, as it was then. */
  object: Json;
}

/** `data.object` of an event. Undefined for those without one, such as `webhook_ping`. */
export function objectOf({ payload }: WebhookEvent): Json | undefined {
  const { object } = jsonOf(jsonOf(payload).data);
  return isJson(object) ? object : undefined;
}

/**
 * Undefined for events that concern no payment (customers, plans, payouts, …) or say nothing of money
 * (`charge.score_updated`), and for those without an object.
 */
export function readEvent(event: WebhookEvent): ConektaEvent | undefined {
  const { type } = event;
  const [subject, object] = [subjectOfType(type), objectOf(event)];
  return subject && object && { type, subject, object };
}

function subjectOfType(type: string): EventSubject | undefined {
  if (!OF_CONCERN_NAMES.has(type)) return undefined;
  if (type.startsWith('charge.chargeback.')) return 'chargeback';
  return (['order', 'charge', 'cash_refund'] as const).find((subject) => type.startsWith(`${subject}.`));
}
