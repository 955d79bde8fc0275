import type { BillingSubject } from '../../billing.facts.js';
import type { PaymentRef } from '../../facts.js';
import { type Json, textOf } from '../../json.read.js';
import type { WebhookEvent, WebhookSubject } from '../../webhook.ports.js';
import { CONEKTA } from '../conekta.account.js';
import { readCharge } from '../payment/conekta.charge.read.js';
import { payingCharge, readOrder } from '../payment/conekta.order.read.js';
import { type ConektaEvent, objectOf, readEvent } from './conekta.event.js';

/** What of ours an event is about: nothing else of it is believed. Pure. */
export function subjectOf(event: WebhookEvent): WebhookSubject | undefined {
  const object = objectOf(event);
  if (object === undefined) return undefined;
  switch (event.type.split('.', 1)[0]) {
    case 'customer':
      return customerOf(object);
    case 'plan':
      return planOf(object);
    case 'subscription':
      return subscriptionOf(object);
    default: {
      const read = readEvent(event);
      const ref = read && refOf(read);
      return ref && { kind: 'payment', ref };
    }
  }
}

/** A blocked card's event is told with the card, which names its customer. */
function customerOf(object: Json): BillingSubject | undefined {
  const owner = textOf(object.customer_id) ?? textOf(object.parent_id);
  const providerCustomerId = object.object === 'customer' ? textOf(object.id) : owner;
  return providerCustomerId === undefined ? undefined : { kind: 'customer', providerCustomerId };
}

function planOf(object: Json): BillingSubject | undefined {
  const providerPlanId = object.object === 'plan' ? textOf(object.id) : undefined;
  return providerPlanId === undefined ? undefined : { kind: 'plan', providerPlanId };
}

/** Events of old accounts have a charge in its place, which names no subscription. */
function subscriptionOf(object: Json): BillingSubject | undefined {
  const providerSubscriptionId = object.object === 'subscription' ? textOf(object.id) : undefined;
  if (providerSubscriptionId === undefined) return undefined;
  const orderId = textOf(object.last_billing_cycle_order_id);
  return {
    kind: 'subscription',
    providerSubscriptionId,
    providerCustomerId: textOf(object.customer_id),
    periodIds: orderId === undefined ? [] : [orderId],
    trialEnding: false,
  };
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
  // Neither carries an id of ours. No sample of a cash refund is published; its fields are read as they are
  // named everywhere else.
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
