import { isJson, type Json, jsonOf, timeOf } from '../../json.read.js';
import type { WebhookEvent } from '../../webhook.ports.js';
import type { FactSource } from '../stripe.account.js';

export interface StripeEvent {
  type: string;
  source: FactSource;
  /** `data.object`: what the event is about, as it was then. */
  object: Json;
  /** What the object was, as far as it has changed. */
  before: Json;
}

/** Undefined for events without an object, such as the thin ones of API v2. */
export function readEvent({
  type,
  livemode = false,
  eventId,
  payload,
}: WebhookEvent): StripeEvent | undefined {
  const { data, created } = jsonOf(payload);
  const { object, previous_attributes } = jsonOf(data);
  const at = timeOf(created);
  if (!isJson(object) || at === undefined) return undefined;
  return { type, source: { livemode, at, eventId }, object, before: jsonOf(previous_attributes) };
}
