import { Injectable, Logger } from '@nestjs/common';
import { Database, type Tx } from '../../database/database.js';
import { describeError } from '../../database/sql.errors.js';
import { Ids } from '../../kernel/ids.js';
import { type OperatorAction, OperatorLog } from '../../ops/operator.log.store.js';
import type { RegisteredEndpoint } from '../../providers/webhook.endpoints.js';
import { type EndpointProvider, endedAtProvider } from './endpoint.providers.js';
import { EndpointStore, type HeldEndpoint, type NewWebhookKey } from './endpoint.store.js';
import { WebhookKeyReader } from './webhook.key.reader.js';
import { WebhookKeys } from './webhook.keys.js';

/**
 * Keeps what a provider has just made. What cannot be kept is taken back at the provider: deliveries of an
 * endpoint whose key nobody holds would be refused for ever.
 */
@Injectable()
export class EndpointKeeper {
  private readonly logger = new Logger(EndpointKeeper.name);

  constructor(
    private readonly database: Database,
    private readonly store: EndpointStore,
    private readonly reader: WebhookKeyReader,
    private readonly keys: WebhookKeys,
    private readonly ids: Ids,
    private readonly log: OperatorLog,
  ) {}

  /**
   * Undefined when somebody else came first, whose endpoint stands.
   * @param stays the provider's id of an endpoint that was there before, and is taken over.
   */
  async keep(
    provider: EndpointProvider,
    made: RegisteredEndpoint,
    by: string,
    stays?: string,
  ): Promise<HeldEndpoint | undefined> {
    const { remoteId, url, events, livemode } = made.endpoint;
    const endpoint = { id: this.ids.next(), provider: provider.name, remoteId };
    const row = { ...endpoint, url, events: [...events], livemode, createdBy: by };
    const key = this.reader.toRow(this.ids.next(), endpoint, made.key);
    const action = {
      actor: by,
      action: stays === undefined ? 'endpoints.register' : 'endpoints.take-over',
      target: endpoint.id,
      detail: { provider: provider.name, remoteId, url },
    };
    const kept = await this.orTakenBack(
      provider,
      made,
      action,
      (tx) => this.store.insert(tx, row, key),
      stays,
    );
    return kept ? this.store.find(this.database.db, endpoint.id) : undefined;
  }

  /** False when it was rotated or deleted by somebody else meanwhile. */
  keepRotated(
    provider: EndpointProvider,
    before: HeldEndpoint,
    made: RegisteredEndpoint,
    by: string,
  ): Promise<boolean> {
    const { remoteId } = made.endpoint;
    const endpoint = { id: before.row.id, provider: provider.name, remoteId };
    const key: NewWebhookKey = this.reader.toRow(this.ids.next(), endpoint, made.key);
    const stays = before.row.remoteId;
    const detail = { provider: provider.name, remoteId, url: before.row.url };
    return this.orTakenBack(
      provider,
      made,
      { actor: by, action: 'endpoints.rotate', target: before.row.id, detail },
      (tx) => this.store.insertRotated(tx, before, remoteId, key),
      stays,
    );
  }

  /** Forgets an endpoint that the provider does not have any more. */
  async drop({ row }: HeldEndpoint, by: string): Promise<void> {
    const { id, provider, remoteId, url } = row;
    await this.database.transaction(async (tx) => {
      await this.store.delete(tx, id);
      const detail = { provider, remoteId, url };
      await this.log.record(tx, { actor: by, action: 'endpoints.delete', target: id, detail });
    });
    this.keys.forget(provider);
  }

  /** What was done at the provider alone, or was refused: nothing here changes with it. */
  note(action: OperatorAction): Promise<void> {
    return this.log.record(this.database.db, action);
  }

  private async orTakenBack(
    provider: EndpointProvider,
    made: RegisteredEndpoint,
    action: OperatorAction,
    write: (tx: Tx) => Promise<boolean>,
    stays?: string,
  ): Promise<boolean> {
    try {
      const kept = await this.database.transaction(async (tx) => {
        const written = await write(tx);
        if (written) await this.log.record(tx, action);
        return written;
      });
      this.keys.forget(provider.name);
      if (!kept) await this.takeBack(provider, made, stays);
      return kept;
    } catch (error) {
      await this.takeBack(provider, made, stays);
      throw error;
    }
  }

  private async takeBack(
    provider: EndpointProvider,
    made: RegisteredEndpoint,
    stays?: string,
  ): Promise<void> {
    const { remoteId } = made.endpoint;
    const { name } = provider;
    try {
      if (remoteId !== stays)
        await endedAtProvider(provider.endpoints.delete(remoteId), name, 'list endpoints');
      await endedAtProvider(provider.endpoints.retireKey(made), name, 'list endpoints');
    } catch (error) {
      this.logger.error(`${name} keeps ${remoteId}, which nobody here has a key of: ${describeError(error)}`);
    }
  }
}
