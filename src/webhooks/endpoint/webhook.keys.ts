import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { isDeepStrictEqual } from 'node:util';
import { webhookKeyVariable } from '../../config/env.rules.js';
import { EnvironmentFaults } from '../../config/environment.js';
import { Database } from '../../database/database.js';
import { isDatabaseUnavailable } from '../../database/sql.errors.js';
import { describeError, ServiceError } from '../../kernel/errors.js';
import { Clock } from '../../kernel/clock.js';
import type { PaymentProvider } from '../../providers/provider.port.js';
import { ProviderRegistry } from '../../providers/provider.registry.js';
import type { VerificationKey, WebhookEvent, WebhookRequest } from '../../providers/webhook.ports.js';
import { EndpointStore, type NewWebhookKey } from './endpoint.store.js';
import type { WebhookKeyRow } from './endpoint.tables.js';
import { SecretBox } from './secret.box.js';

/** How long another process may miss a change of keys. */
const FRESH_MS = 10_000;
/** The least time between two looks at the database. */
const PATIENCE_MS = 1_000;

/** Keys between their rows, where a secret is sealed, and their use. */
@Injectable()
export class WebhookKeyReader {
  private readonly logger = new Logger(WebhookKeyReader.name);

  constructor(
    private readonly database: Database,
    private readonly store: EndpointStore,
    private readonly box: SecretBox,
  ) {}

  /** Accepted keys and their modes, without those that cannot be opened any more. */
  async usable(provider: string): Promise<readonly { value: string; livemode: boolean }[]> {
    const rows = await this.store.acceptedKeys(this.database.db, provider);
    return rows.flatMap((row) => {
      const value = this.valueOf(row);
      if (value !== undefined) return { value, livemode: row.livemode };
      this.logger.error(
        `webhook key ${row.id} of ${row.provider} cannot be opened: ENCRYPTION_KEY is not the one it was sealed with`,
      );
      return [];
    });
  }

  /** @throws ServiceError encryption_key_missing */
  toRow(
    id: string,
    endpoint: { id: string; provider: string; remoteId: string },
    key: VerificationKey,
  ): NewWebhookKey {
    const place = { provider: endpoint.provider, keyId: id };
    return {
      id,
      provider: endpoint.provider,
      endpointId: endpoint.id,
      endpointRemoteId: endpoint.remoteId,
      remoteId: key.remoteId ?? null,
      value: key.secret ? this.box.seal(key.value, place) : Buffer.from(key.value, 'utf8'),
      encrypted: key.secret,
    };
  }

  /** For the provider to end it, even when nobody can open its secret any more. */
  toEnd(row: WebhookKeyRow): VerificationKey {
    return { remoteId: row.remoteId ?? undefined, value: this.valueOf(row) ?? '', secret: row.encrypted };
  }

  /** Undefined where nobody can open it. */
  private valueOf({ id, provider, value, encrypted }: WebhookKeyRow): string | undefined {
    if (!encrypted) return Buffer.from(value).toString('utf8');
    try {
      return this.box.open(value, { provider, keyId: id });
    } catch {
      return undefined;
    }
  }
}

interface Known {
  readonly keys: readonly string[];
  /** Why the database could not be asked: there may be more keys, and ended ones among these. */
  readonly failure?: unknown;
  /** When a look at the database began, or a failed one ended. */
  readonly at: number;
}

export type Delivery = Pick<WebhookRequest, 'body' | 'rawHeaders' | 'query'>;

/**
 * Verifies deliveries by the environment's keys and those of registered endpoints. These are cached for 10 s: a webhook
 * costs no query. A change by this process drops them at once.
 */
@Injectable()
export class WebhookKeys {
  private readonly known = new Map<string, Known>();
  private readonly looking = new Map<string, Promise<Known>>();

  constructor(
    private readonly reader: WebhookKeyReader,
    private readonly clock: Clock,
  ) {}

  /**
   * @throws ServiceError signature_invalid, invalid_request; the database's failure when a key that we could not read
   * may have signed it: the provider must send it again then.
   */
  async verify(provider: PaymentProvider, delivery: Delivery): Promise<WebhookEvent> {
    const withKeys = async ({ keys }: Known) =>
      provider.verify({ ...delivery, now: this.clock.now(), registeredKeys: keys });
    const tried = await this.of(provider.name);
    try {
      return await withKeys(tried);
    } catch (error) {
      if (!(error instanceof ServiceError && error.code === 'signature_invalid')) throw error;
      // Another process may have registered or rotated since we looked.
      const later = await this.of(provider.name, PATIENCE_MS);
      if (later.failure !== undefined) throw later.failure;
      if (isDeepStrictEqual(later.keys, tried.keys)) throw error;
      return withKeys(later);
    }
  }

  /** Never throws: a failure comes with the keys known before. @param span how old they may be, milliseconds. */
  async of(provider: string, span = FRESH_MS): Promise<Known> {
    const known = this.known.get(provider);
    if (known === undefined) return this.look(provider);
    // A clock that was set back makes everything old.
    const age = this.clock.now().getTime() - known.at;
    const isYoung = age >= 0 && age < (known.failure === undefined ? span : PATIENCE_MS);
    return isYoung ? known : this.look(provider);
  }

  /** After a change of our own. A look that is under way may have missed it. */
  forget(provider: string): void {
    this.known.delete(provider);
    this.looking.delete(provider);
  }

  /** All who ask at the same time share one look. */
  private look(provider: string): Promise<Known> {
    const under = this.looking.get(provider);
    if (under !== undefined) return under;
    const look = this.read(provider).then((known) => {
      if (this.looking.get(provider) === look) {
        this.looking.delete(provider);
        this.known.set(provider, known);
      }
      return known;
    });
    this.looking.set(provider, look);
    return look;
  }

  private async read(provider: string): Promise<Known> {
    const at = this.clock.now().getTime();
    try {
      const usable = await this.reader.usable(provider);
      return { keys: usable.map((key) => key.value), at };
    } catch (failure) {
      return { keys: this.known.get(provider)?.keys ?? [], at: this.clock.now().getTime(), failure };
    }
  }
}

/**
 * The service does not start with a provider whose webhooks nobody can verify. No rule of the environment: only the
 * database knows the keys of registered endpoints.
 */
@Injectable()
export class WebhookKeysCheck implements OnModuleInit {
  private readonly logger = new Logger(WebhookKeysCheck.name);

  constructor(
    private readonly providers: ProviderRegistry,
    private readonly reader: WebhookKeyReader,
  ) {}

  /** Before any worker begins. @throws EnvironmentFaults naming the variable of each provider without a key. */
  async onModuleInit(): Promise<void> {
    const faults: string[] = [];
    for (const provider of this.providers.all) {
      if (!provider.hasWebhookKeys && !(await this.hasRegisteredKey(provider)))
        faults.push(faultOf(provider.name));
    }
    if (faults.length > 0) throw new EnvironmentFaults(faults);
  }

  /** True in doubt. */
  private async hasRegisteredKey({ name, livemode }: PaymentProvider): Promise<boolean> {
    try {
      return (await this.reader.usable(name)).some((key) => key.livemode === livemode);
    } catch (error) {
      if (!isDatabaseUnavailable(error)) throw error;
      this.logger.warn(`whether ${name} has a webhook key is not known: ${describeError(error)}`);
      return true;
    }
  }
}

function faultOf(provider: string): string {
  const variable = webhookKeyVariable(provider);
  return (
    `${variable} is missing, and no endpoint of ${provider} is registered: its webhooks cannot be verified. ` +
    `Set it, or register one: npm run cli -- endpoints register --provider ${provider}`
  );
}
