import type { PaymentRef } from '../../facts.js';
import { isJson, type Json, jsonOf, textOf } from '../../json.read.js';
import type { WebhookEvent, WebhookSubject } from '../../webhook.ports.js';
import { CONEKTA } from '../conekta.account.js';
import { readCharge } from '../payment/conekta.charge.read.js';
import { payingCharge, readOrder } from '../payment/conekta.order.read.js';

/** Events of what this service keeps. */
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

/** Of what is between Conekta and the shop. */
const OF_OTHERS: Readonly<Record<string, string>> = {
  charge: 'score_updated',
  receipt: 'created',
  payout: 'created retrying paid_out failed',
  payee: 'created updated deleted payout_method.created payout_method.updated payout_method.deleted',
  cashout: 'canceled confirmed',
};

const namesOf = (groups: Readonly<Record<string, string>>): string[] =>
  Object.entries(groups).flatMap(([noun, names]) => names.split(' ').map((name) => `${noun}.${name}`));

/** What is subscribed to without a wish. */
export const EVENTS_OF_CONCERN: readonly string[] = [...namesOf(OF_CONCERN), 'webhook_ping'];
const OF_CONCERN_NAMES: ReadonlySet<string> = new Set(EVENTS_OF_CONCERN);

/** Every event that Conekta knows. */
export const EVENT_NAMES: ReadonlySet<string> = new Set([...EVENTS_OF_CONCERN, ...namesOf(OF_OTHERS)]);

/** `data.object` of an event, as far as it leads to a payment. */
export interface ConektaEvent {
  type: string;
  subject: 'order' | 'charge' | 'chargeback' | 'cash_refund';
  /** As it was then. */
  object: Json;
}

/** Undefined for events without an object, such as `webhook_ping`. */
function objectOf({ payload }: WebhookEvent): Json | undefined {
  const { object } = jsonOf(jsonOf(payload).data);
  return isJson(object) ? object : undefined;
}

/** Undefined for events of no payment (customers, payouts, …), without money (`charge.score_updated`) or object. */
export function readEvent(event: WebhookEvent): ConektaEvent | undefined {
  const { type } = event;
  const object = objectOf(event);
  if (object === undefined || !OF_CONCERN_NAMES.has(type)) return undefined;
  if (type.startsWith('charge.chargeback.')) return { type, subject: 'chargeback', object };
  const subject = (['order', 'charge', 'cash_refund'] as const).find((one) => type.startsWith(`${one}.`));
  return subject && { type, subject, object };
}

/** What of ours an event is about: nothing else of it is believed. Pure. */
export function subjectOf(event: WebhookEvent): WebhookSubject | undefined {
  const object = objectOf(event);
  if (object === undefined) return undefined;
  const [noun] = event.type.split('.', 1);
  const id = object.object === noun ? textOf(object.id) : undefined;
  switch (noun) {
    case 'customer': {
      // A blocked card's event has the card, which names its customer.
      const owner = textOf(object.customer_id) ?? textOf(object.parent_id);
      const providerCustomerId = object.object === 'customer' ? id : owner;
      return providerCustomerId === undefined ? undefined : { kind: 'customer', providerCustomerId };
    }
    case 'plan':
      return id === undefined ? undefined : { kind: 'plan', providerPlanId: id };
    case 'subscription': {
      // Events of old accounts have a charge in its place, which names no subscription.
      if (id === undefined) return undefined;
      const orderId = textOf(object.last_billing_cycle_order_id);
      return {
        kind: 'subscription',
        providerSubscriptionId: id,
        providerCustomerId: textOf(object.customer_id),
        periodIds: orderId === undefined ? [] : [orderId],
        trialEnding: false,
      };
    }
    default: {
      const read = readEvent(event);
      const ref = read && refOf(read);
      return ref && { kind: 'payment', ref };
    }
  }
}

/** Without a timestamp in its signature, no event is believed for more than its subject. Pure. */
export function mayNeedRead(event: WebhookEvent): boolean {
  return subjectOf(event) !== undefined;
}

/** Which payment an event is about, as far as its body tells. */
export function refOf({ subject, object }: ConektaEvent): PaymentRef | undefined {
  if (subject === 'order') {
    const order = readOrder(object);
    return order && { ...order.ref, chargeId: payingCharge(order.charges)?.id };
  }
  if (subject === 'charge') {
    const charge = readCharge(object);
    return charge && foundBy(charge.orderId, charge.id, charge.sessionId);
  }
  // Neither carries an id of ours. No sample of a cash refund is published: its fields are named as everywhere else.
  return foundBy(textOf(object.order_id), textOf(object.charge_id));
}

function foundBy(
  providerPaymentId: string | undefined,
  chargeId: string | undefined,
  sessionId?: string,
): PaymentRef | undefined {
  if (providerPaymentId === undefined && chargeId === undefined) return undefined;
  return { provider: CONEKTA, sessionId, providerPaymentId, chargeId };
}
