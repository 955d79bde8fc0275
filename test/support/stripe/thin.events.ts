import { type Json, jsonOf } from '../../../src/providers/json.read.js';
import type { WebhookEvent } from '../../../src/providers/webhook.ports.js';

/** The thin event of the same happening as a snapshot event: same time and mode, an id of its own. */
export function thinTwin(
  { eventId, type, payload, ...event }: WebhookEvent,
  changes: Json = {},
): WebhookEvent {
  const { created, livemode, data } = jsonOf(payload);
  const { id, object } = jsonOf(jsonOf(data).object);
  const thin = {
    id: `${eventId}thin`,
    object: 'v2.core.event',
    type: `v1.${type}`,
    created: new Date(Number(created) * 1000 + 330).toISOString(),
    livemode: livemode === true,
    context: null,
    related_object: { id, type: object, url: 'not looked at' },
    snapshot_event: eventId,
    ...changes,
  };
  return { ...event, eventId: thin.id, type: thin.type, payload: thin };
}
