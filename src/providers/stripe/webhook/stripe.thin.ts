import { type Json, jsonOf, textOf } from '../../json.read.js';
import { unlessRefused, unlessUnknown } from '../../provider.calls.js';
import type { WebhookEvent } from '../../webhook.ports.js';
import type { StripeClient } from '../stripe.client.js';
import { withId } from '../stripe.errors.js';
import { pathOf } from '../stripe.request.js';

/** What an event is about, by Stripe's word for the kind of object. */
export interface NamedObject {
  kind: string;
  id: string;
}

/** A thin event (`v2.core.event`) of a v1 object: it names the object, and tells nothing else of it. */
export interface ThinEvent {
  /** Without its `v1.`: the type of the snapshot event. */
  type: string;
  created: Date;
  /** Undefined for events about no single object. */
  named: NamedObject | undefined;
  /** The snapshot event of the same happening, which may come as well. */
  snapshotId: string | undefined;
}

/** Undefined for snapshot events, and for those of v2 objects, none of which means anything here. */
export function readThin({
  object,
  type,
  created,
  related_object,
  snapshot_event,
}: Json): ThinEvent | undefined {
  if (object !== 'v2.core.event') return undefined;
  const [name, at] = [textOf(type), Date.parse(textOf(created) ?? '')];
  if (name?.startsWith('v1.') !== true || Number.isNaN(at)) return undefined;
  const related = jsonOf(related_object);
  const [kind, id] = [textOf(related.type), textOf(related.id)];
  return {
    type: name.slice('v1.'.length),
    // Snapshots tell whole seconds.
    created: new Date(Math.floor(at / 1000) * 1000),
    named: kind === undefined || id === undefined ? undefined : { kind, id },
    snapshotId: textOf(snapshot_event),
  };
}

/** Objects whose events change something here. */
const READ = new Set(
  (
    'charge checkout.session customer dispute invoice payment_intent payment_method price product refund ' +
    'subscription'
  ).split(' '),
);

/** Where the object is read. Undefined for kinds whose events change nothing here. */
export function pathOfNamed({ kind, id }: NamedObject): string | undefined {
  return READ.has(kind) ? pathOf(`/v1/${kind.replace('.', '/')}s`, id) : undefined;
}

/** Spares a second read where the payment intent and its charge have to be known. */
const EXPANDED: ReadonlyMap<string, string> = new Map([
  ['checkout.session.completed', 'payment_intent.latest_charge'],
  ['checkout.session.async_payment_succeeded', 'payment_intent.latest_charge'],
  ['payment_intent.succeeded', 'latest_charge'],
]);

type Getter = Pick<StripeClient, 'get'>;

/**
 * Reads what a thin event names: from then on it means what the snapshot of the object as it is now would mean.
 * @throws ProviderError when Stripe does not answer, and when it does not know an object that was not deleted.
 */
export async function complete(client: Getter, event: WebhookEvent): Promise<WebhookEvent> {
  const thin = readThin(jsonOf(event.payload));
  const path = thin?.named && pathOfNamed(thin.named);
  if (thin?.named === undefined || path === undefined) return event;
  const { type, named } = thin;
  const expand = EXPANDED.get(type);
  const read = () => client.get(path, expand === undefined ? {} : { 'expand[]': expand });
  const found = await (type.endsWith('.deleted') ? unlessUnknown(read) : read());
  if (found === undefined) return { ...event, data: {} };
  const object = withId(jsonOf(found), named.id, 'not_the_object');
  // Nothing but the change itself names the customer that a card was taken from.
  const previous_attributes = type === 'payment_method.detached' ? await changeOf(client, thin) : {};
  return { ...event, data: { object, previous_attributes } };
}

/** `previous_attributes` of the snapshot. Empty where there is none, or none that our key may read. */
async function changeOf(client: Getter, { snapshotId }: ThinEvent): Promise<Json> {
  if (snapshotId === undefined) return {};
  const path = pathOf('/v1/events', snapshotId);
  // Kept for 30 days; a restricted key may read cards and no events.
  const event = await unlessRefused(
    ['not_found', 'authentication'],
    () => client.get(path),
    () => undefined,
  );
  return jsonOf(jsonOf(jsonOf(event).data).previous_attributes);
}
