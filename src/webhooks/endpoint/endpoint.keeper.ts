import { Injectable, Logger } from '@nestjs/common';
import { Database, type Tx } from '../../database/database.js';
import { describeError, ServiceError } from '../../kernel/errors.js';
import { Ids } from '../../kernel/ids.js';
import { type OperatorAction, OperatorLog } from '../../ops/operator.log.store.js';
import type { Outcome } from '../../providers/provider.calls.js';
import { ProviderError } from '../../providers/provider.errors.js';
import type { With } from '../../providers/provider.port.js';
import type { RegisteredEndpoint } from '../../providers/webhook.ports.js';
import { EndpointStore, type HeldEndpoint, type NewWebhookKey } from './endpoint.store.js';
import type { WebhookKeyRow } from './endpoint.tables.js';
import { WebhookKeyReader, WebhookKeys } from './webhook.keys.js';

/**
 * Keeps what a provider has just made, or takes it back there: without its key an endpoint's deliveries would be
 * refused for ever.
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
    const id = this.ids.next();
    const row = { id, provider: provider.name, remoteId, url, events: [...events], livemode, createdBy: by };
    const action = stays === undefined ? 'endpoints.register' : 'endpoints.take-over';
    const kept = await this.orTakenBack(provider, made, { id, url, action, by, stays }, (tx, key) =>
      this.store.insert(tx, row, key),
    );
    return kept ? this.store.find(this.database.db, id) : undefined;
  }

  /** False when it was rotated or deleted by somebody else meanwhile. */
  keepRotated(
    provider: With<'endpoints'>,
    before: HeldEndpoint,
    made: RegisteredEndpoint,
    by: string,
  ): Promise<boolean> {
    const { id, url, remoteId: stays } = before.row;
    return this.orTakenBack(provider, made, { id, url, action: 'endpoints.rotate', by, stays }, (tx, key) =>
      this.store.insertRotated(tx, before, made.endpoint.remoteId, key),
    );
  }

  /**
   * Ends a key, first at the provider, then here: what it signs meanwhile must not be refused.
   * @param acceptedForMs how long its earlier signatures are still taken.
   * @throws ServiceError unknown_outcome, ProviderError; the key can be ended again then.
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

  /** For an endpoint that the provider does not have any more. */
  async drop({ row }: HeldEndpoint, by: string): Promise<void> {
    const { id, provider, remoteId, url } = row;
    await this.database.transaction(async (tx) => {
      await this.store.delete(tx, id);
      const detail = { provider, remoteId, url };
      await this.log.record(tx, { actor: by, action: 'endpoints.delete', target: id, detail });
    });
    this.keys.forget(provider);
  }

  /** What changes nothing here: done at the provider alone, or refused. */
  note(action: OperatorAction): Promise<void> {
    return this.log.record(this.database.db, action);
  }

  private async orTakenBack(
    provider: With<'endpoints'>,
    made: RegisteredEndpoint,
    { id, url, action, by, stays }: { id: string; url: string; action: string; by: string; stays?: string },
    write: (tx: Tx, key: NewWebhookKey) => Promise<boolean>,
  ): Promise<boolean> {
    const detail = { provider: provider.name, remoteId: made.endpoint.remoteId, url };
    const key = this.reader.toRow(this.ids.next(), { id, ...detail }, made.key);
    let kept = false;
    try {
      kept = await this.database.transaction(async (tx) => {
        const written = await write(tx, key);
        if (written) await this.log.record(tx, { actor: by, action, target: id, detail });
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
