import type { WebhookEvent } from '../../provider.port.js';
import { isJson, type Json, jsonOf, timeOf } from '../../json.read.js';

/** Who tells a fact: a webhook, or an answer of the API. */
export interface FactSource {
  livemode: boolean;
  /** When the event was made, or when we asked. */
  at: Date;
  /** Of a webhook. */
  eventId: string | undefined;
}

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
