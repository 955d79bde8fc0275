import type Stripe from 'stripe';
import { isJson, type Json, jsonOf, timeOf } from '../../json.read.js';
import type { WebhookEvent } from '../../webhook.ports.js';
import type { FactSource } from '../stripe.account.js';

export interface StripeEvent {
  type: string;
  source: FactSource;
  /** `data.object`: the event's object as it was then. */
  object: Json;
  /** Former values of the fields that changed. */
  before: Json;
}

/** Undefined for events without an object, such as the thin ones of API v2. */
export function readEvent({ type, livemode = false, ...event }: WebhookEvent): StripeEvent | undefined {
  const { data, created } = jsonOf(event.payload);
  const { object, previous_attributes } = jsonOf(data);
  const at = timeOf(created);
  if (!isJson(object) || at === undefined) return undefined;
  const source = { livemode, at, eventId: event.eventId };
  return { type, source, object, before: jsonOf(previous_attributes) };
}

type Words<T extends string> = T extends `${infer First} ${infer Rest}` ? First | Words<Rest> : T;
type Verbs<
  O extends string,
  V extends string,
> = `${O}.${Words<V>}` extends Stripe.WebhookEndpointCreateParams.EnabledEvent ? V : never;

/** `eventsOf('charge', 'captured failed')` is charge.captured and charge.failed: names that the SDK's types know. */
export function eventsOf<O extends string, V extends string>(object: O, verbs: Verbs<O, V>): string[] {
  return verbs.split(' ').map((verb) => `${object}.${verb}`);
}

/** Rows of a table by event type. */
export function forEvents<O extends string, V extends string, T>(
  object: O,
  verbs: Verbs<O, V>,
  row: T,
): [string, T][] {
  return eventsOf<O, V>(object, verbs).map((type) => [type, row]);
}
