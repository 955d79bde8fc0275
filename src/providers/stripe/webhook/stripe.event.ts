import type { WebhookEvent } from '../../provider.port.js';
import { isJson, type Json, timeOf } from '../../json.read.js';

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
}

/** Undefined for events without an object, such as the thin ones of API v2. */
export function readEvent(event: WebhookEvent): StripeEvent | undefined {
  if (!isJson(event.payload) || !isJson(event.payload.data) || !isJson(event.payload.data.object))
    return undefined;
  const at = timeOf(event.payload.created);
  if (at === undefined) return undefined;
  const source = { livemode: event.livemode, at, eventId: event.eventId };
  return { type: event.type, source, object: event.payload.data.object };
}
