import { Injectable, Logger } from '@nestjs/common';
import { Database, type Tx } from '../../database/database.js';
import { describeError, ServiceError } from '../../kernel/errors.js';
import { Ids } from '../../kernel/ids.js';
import { type OperatorAction, OperatorLog } from '../../ops/operator.log.store.js';
import type { Outcome } from '../../providers/provider.calls.js';
import { ProviderError } from '../../providers/provider.errors.js';
import type { With } from '../../providers/provider.port.js';
import type { RegisteredEndpoint } from '../../providers/webhook.ports.js';
import { EndpointStore, type HeldEndpoint } from './endpoint.store.js';
import type { WebhookKeyRow } from './endpoint.tables.js';
import { WebhookKeyReader, WebhookKeys } from './webhook.keys.js';

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
    provider: With<'endpoints'>,
    made: RegisteredEndpoint,
    by: string,
    stays?: string,
  ): Promise<HeldEndpoint | undefined> {
    const { remoteId, url, events, livemode } = made.endpoint;
    const endpoint = { id: this.ids.next(), provider: provider.name, remoteId };
    const row = { ...endpoint, url, events: [...events], livemode, createdBy: by };
    const key = this.reader.toRow(this.ids.next(), endpoint, made.key);
    const action = stays === undefined ? 'endpoints.register' : 'endpoints.take-over';
    const detail = { provider: provider.name, remoteId, url };
    const done = { actor: by, action, target: endpoint.id, detail };
    const write = (tx: Tx) => this.store.insert(tx, row, key);
    const kept = await this.orTakenBack(provider, made, done, write, stays);
    return kept ? this.store.find(this.database.db, endpoint.id) : undefined;
  }

  /** False when it was rotated or deleted by somebody else meanwhile. */
  keepRotated(
    provider: With<'endpoints'>,
    before: HeldEndpoint,
    made: RegisteredEndpoint,
    by: string,
  ): Promise<boolean> {
    const { remoteId } = made.endpoint;
    const endpoint = { id: before.row.id, provider: provider.name, remoteId };
    const key = this.reader.toRow(this.ids.next(), endpoint, made.key);
    const detail = { provider: provider.name, remoteId, url: before.row.url };
    const done = { actor: by, action: 'endpoints.rotate', target: endpoint.id, detail };
    const write = (tx: Tx) => this.store.insertRotated(tx, before, remoteId, key);
    return this.orTakenBack(provider, made, done, write, before.row.remoteId);
  }

  /**
   * Ends a key, first at the provider and then here: the other way round, what it signs meanwhile would be refused.
   * @param acceptedForMs how long what was signed with it before is still taken.
   * @throws ServiceError unknown_outcome, ProviderError; the key is as it was then, and can be ended again.
   */
  async endKey(
    provider: With<'endpoints'>,
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
    provider: With<'endpoints'>,
    made: RegisteredEndpoint,
    done: OperatorAction,
    write: (tx: Tx) => Promise<boolean>,
    stays: string | undefined,
  ): Promise<boolean> {
    let kept = false;
    try {
      kept = await this.database.transaction(async (tx) => {
        const written = await write(tx);
        if (written) await this.log.record(tx, done);
        return written;
      });
      this.keys.forget(provider.name);
    } finally {
      if (!kept) await this.takeBack(provider, made, stays);
    }
    return kept;
  }

  private async takeBack(
    { name, endpoints }: With<'endpoints'>,
    made: RegisteredEndpoint,
    stays: string | undefined,
  ): Promise<void> {
    const { remoteId } = made.endpoint;
    try {
      if (remoteId !== stays) await endedAtProvider(endpoints.delete(remoteId), name, 'list endpoints');
      await endedAtProvider(endpoints.retireKey(made), name, 'list endpoints');
    } catch (error) {
      this.logger.error(`${name} keeps ${remoteId}, which nobody here has a key of: ${describeError(error)}`);
    }
  }
}

/** The value of a call, if it is known. @throws ServiceError unknown_outcome, saying what the operator can do. */
export function settled<T>(outcome: Outcome<T>, provider: string, advice: string): T {
  if (outcome.known) return outcome.value;
  throw new ServiceError(
    'unknown_outcome',
    `${provider} was asked and did not answer, so it may have acted; ${advice}`,
    { provider },
    { cause: outcome.error },
  );
}

/** Ends something at the provider that may have ended already. @throws as `settled`, and ProviderError. */
export async function endedAtProvider(
  end: Promise<Outcome<void>>,
  provider: string,
  advice: string,
): Promise<void> {
  try {
    settled(await end, provider, advice);
  } catch (error) {
    if (!(error instanceof ProviderError && error.kind === 'not_found')) throw error;
  }
}
