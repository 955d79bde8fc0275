import type { BillingSubject } from '../../billing.facts.js';
import { isJson, type Json, textOf } from '../../json.read.js';
import type { WebhookEvent } from '../../provider.port.js';

type Read = (object: Json) => BillingSubject | undefined;

/** By the first word of the event's name. */
const READERS: ReadonlyMap<string, Read> = new Map<string, Read>([
  ['customer', customerOf],
  ['plan', planOf],
  ['subscription', subscriptionOf],
]);

/** What of ours an event is about: nothing else of it is believed. Pure. */
export function billingSubjectOf({ type, payload }: WebhookEvent): BillingSubject | undefined {
  const read = READERS.get(type.split('.', 1)[0] ?? '');
  if (read === undefined || !isJson(payload) || !isJson(payload.data)) return undefined;
  const { object } = payload.data;
  return isJson(object) ? read(object) : undefined;
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
