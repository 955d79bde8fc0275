import type Stripe from 'stripe';
import { isJson, type Json, jsonOf, timeOf } from '../../json.read.js';
import type { WebhookEvent } from '../../webhook.ports.js';
import type { FactSource } from '../stripe.account.js';
import { readThin } from './stripe.thin.js';

export interface StripeEvent {
  /** Without the `v1.` of a thin event. */
  type: string;
  source: FactSource;
  /** The event's object as it was then, or as it was read for a thin event. */
  object: Json;
  /** Former values of the fields that changed. */
  before: Json;
  /** The object was read after the event came, so nothing has to confirm it. */
  isRead: boolean;
}

/** Undefined for events without an object, and for a thin one as long as its object is not read. */
export function readEvent({ type, livemode = false, ...event }: WebhookEvent): StripeEvent | undefined {
  const payload = jsonOf(event.payload);
  const thin = readThin(payload);
  const { object, previous_attributes } = jsonOf(thin === undefined ? payload.data : event.data);
  const at = thin === undefined ? timeOf(payload.created) : thin.created;
  if (!isJson(object) || at === undefined) return undefined;
  const source = { livemode, at, eventId: thin?.snapshotId ?? event.eventId };
  const before = jsonOf(previous_attributes);
  return { type: thin?.type ?? type, source, object, before, isRead: thin !== undefined };
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
