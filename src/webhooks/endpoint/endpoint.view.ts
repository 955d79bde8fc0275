import { idOf, type KnownEndpoint, remoteIdOf, urlOf } from './endpoint.directory.js';
import type { EndpointAnswer, EndpointKeyAnswer } from './endpoint.dto.js';
import type { WebhookKeyRow } from './endpoint.tables.js';

/** An endpoint as an operator sees it: everything but the keys themselves. */
export function viewOf(known: KnownEndpoint): EndpointAnswer {
  const { provider, held, remote } = known;
  return {
    id: idOf(known),
    provider: provider.name,
    remoteId: remoteIdOf(known),
    url: urlOf(known),
    state: held === undefined ? 'foreign' : remote === undefined ? 'lost' : 'registered',
    active: remote?.active ?? false,
    livemode: remote?.livemode ?? held?.row.livemode ?? provider.livemode,
    events: [...(remote?.events ?? held?.row.events ?? [])],
    createdBy: held?.row.createdBy ?? null,
    createdAt: held?.row.createdAt.toISOString() ?? null,
    keys: (held?.keys ?? []).map(viewOfKey),
  };
}

function viewOfKey({ id, remoteId, createdAt, retiredAt }: WebhookKeyRow): EndpointKeyAnswer {
  return {
    id,
    remoteId,
    createdAt: createdAt.toISOString(),
    retiredAt: retiredAt?.toISOString() ?? null,
  };
}
