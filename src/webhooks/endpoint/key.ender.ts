import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.js';
import { type EndpointProvider, endedAtProvider } from './endpoint.providers.js';
import { EndpointStore, type HeldEndpoint } from './endpoint.store.js';
import type { WebhookKeyRow } from './endpoint.tables.js';
import { WebhookKeyReader } from './webhook.key.reader.js';
import { WebhookKeys } from './webhook.keys.js';

/** Ends keys, first at the provider and then here: the other way round, what it signs meanwhile would be refused. */
@Injectable()
export class KeyEnder {
  constructor(
    private readonly database: Database,
    private readonly store: EndpointStore,
    private readonly reader: WebhookKeyReader,
    private readonly keys: WebhookKeys,
  ) {}

  /**
   * @param acceptedForMs how long what was signed with it before is still taken.
   * @throws ServiceError unknown_outcome, ProviderError; the key is as it was then, and can be ended again.
   */
  async end(
    provider: EndpointProvider,
    { row }: HeldEndpoint,
    key: WebhookKeyRow,
    acceptedForMs: number,
  ): Promise<void> {
    const { url, events, livemode } = row;
    const endpoint = { remoteId: key.endpointRemoteId, url, events, livemode, active: true };
    const before = { endpoint, key: this.reader.toEnd(key) };
    await endedAtProvider(provider.endpoints.retireKey(before), provider.name, 'ask again');
    await this.store.retireKey(this.database.db, key.id, acceptedForMs);
    this.keys.forget(provider.name);
  }
}
