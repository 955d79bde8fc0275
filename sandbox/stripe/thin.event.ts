import type { StripeEvent } from './stripe.types.js';

/** What a destination with thin payloads gets: which object something happened to, and nothing of it. */
export interface ThinEvent {
  id: string;
  object: 'v2.core.event';
  type: string;
  created: string;
  livemode: boolean;
  context: string | null;
  reason: { type: 'request'; request: { id: string; idempotency_key: string | null } } | null;
  related_object: { id: string; type: string; url: string } | null;
  /** The event of the same happening that holds the object. */
  snapshot_event: string;
}

/** Stripe's own ids of the two have nothing in common; here one leads to the other, so that tests find both. */
export function thinIdOf(snapshotId: string): string {
  return snapshotId.replace('evt_', 'evt_test_');
}

/** The same event each time it is sent. */
export function thinEvent(event: StripeEvent): ThinEvent {
  const { id, idempotency_key } = event.request;
  return {
    id: thinIdOf(event.id),
    object: 'v2.core.event',
    type: `v1.${event.type}`,
    created: new Date(event.created * 1000).toISOString(),
    livemode: event.livemode,
    context: event.account ?? event.context ?? null,
    reason: id === null ? null : { type: 'request', request: { id, idempotency_key } },
    related_object: relatedTo(event.data.object),
    snapshot_event: event.id,
  };
}

function relatedTo(object: object): ThinEvent['related_object'] {
  const [id, type]: unknown[] = [Reflect.get(object, 'id'), Reflect.get(object, 'object')];
  if (typeof id !== 'string' || typeof type !== 'string') return null;
  return { id, type, url: `/v1/${FOLDERS[type] ?? `${type}s`}/${id}` };
}

/** Where an object's folder is not its name in the plural. */
const FOLDERS: Readonly<Record<string, string>> = { 'checkout.session': 'checkout/sessions' };
