import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { webhookKeyVariable } from '../../config/env.rules.js';
import { EnvironmentFaults } from '../../config/environment.js';
import { Database } from '../../database/database.js';
import { isDatabaseUnavailable } from '../../database/sql.errors.js';
import { describeError } from '../../kernel/errors.js';
import { Clock } from '../../kernel/clock.js';
import type { PaymentProvider } from '../../providers/provider.port.js';
import { ProviderRegistry } from '../../providers/provider.registry.js';
import type { VerificationKey } from '../../providers/webhook.ports.js';
import { type AcceptedKey, EndpointStore, type NewWebhookKey } from './endpoint.store.js';
import type { WebhookKeyRow } from './endpoint.tables.js';
import { SecretBox } from './secret.box.js';

/** How long another process may go on with keys that were added or ended meanwhile. */
const FRESH_MS = 10_000;
/** The least time between two looks at the database, whatever comes in. */
const PATIENCE_MS = 1_000;

/** A key as webhooks are verified with it. */
export interface UsableKey {
  value: string;
  livemode: boolean;
}

/** Keys between their rows, where a secret is sealed, and their use. */
@Injectable()
export class WebhookKeyReader {
  private readonly logger = new Logger(WebhookKeyReader.name);

  constructor(
    private readonly database: Database,
    private readonly store: EndpointStore,
    private readonly box: SecretBox,
  ) {}

  /** The provider's accepted keys, without those that cannot be opened any more. */
  async usable(provider: string): Promise<readonly UsableKey[]> {
    const rows = await this.store.acceptedKeys(this.database.db, provider);
    return rows.flatMap((row) => this.opened(row) ?? []);
  }

  private opened(row: AcceptedKey): UsableKey | undefined {
    try {
      return { value: this.valueOf(row), livemode: row.livemode };
    } catch {
      this.logger.error(
        `webhook key ${row.id} of ${row.provider} cannot be opened: ENCRYPTION_KEY is not the one it was sealed with`,
      );
      return undefined;
    }
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

  /** For the provider, to end it: that must go on when nobody can open its secret any more. */
  toEnd(row: WebhookKeyRow): VerificationKey {
    return { remoteId: row.remoteId ?? undefined, value: this.valueOrNothing(row), secret: row.encrypted };
  }

  private valueOrNothing(row: WebhookKeyRow): string {
    try {
      return this.valueOf(row);
    } catch {
      return '';
    }
  }

  private valueOf(row: WebhookKeyRow): string {
    if (!row.encrypted) return Buffer.from(row.value).toString('utf8');
    return this.box.open(row.value, { provider: row.provider, keyId: row.id });
  }
}

/** What is known of a provider's keys. */
export interface KeySet {
  readonly keys: readonly string[];
  /** Set when the database could not be asked: there may be more keys, and ended ones among these. */
  readonly failure?: unknown;
}

interface Known extends KeySet {
  /** When a look at the database began; one that failed counts from its end, which may have been long in coming. */
  readonly at: number;
}

/**
 * The keys of registered endpoints, ready for verification. Remembered for 10 s, so that a webhook costs no query;
 * forgotten at once when this process changes them.
 */
@Injectable()
export class WebhookKeys {
  private readonly known = new Map<string, Known>();
  private readonly looking = new Map<string, Promise<Known>>();

  constructor(
    private readonly reader: WebhookKeyReader,
    private readonly clock: Clock,
  ) {}

  /** Never throws: without the database, the keys that were known before, and why there are no newer ones. */
  async of(provider: string): Promise<KeySet> {
    const known = this.known.get(provider);
    const span = known?.failure === undefined ? FRESH_MS : PATIENCE_MS;
    return known !== undefined && this.isYounger(known, span) ? known : this.look(provider);
  }

  /** Looks again, unless that was done within the last second. `tried` itself: there is nothing new. */
  async ofLater(provider: string, tried: KeySet): Promise<KeySet> {
    const known = this.known.get(provider);
    const latest =
      known !== undefined && this.isYounger(known, PATIENCE_MS) ? known : await this.look(provider);
    return isSame(latest, tried) ? tried : latest;
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

  /** A clock that was set back makes everything old. */
  private isYounger(known: Known, span: number): boolean {
    const age = this.clock.now().getTime() - known.at;
    return age >= 0 && age < span;
  }
}

/**
 * A provider that nobody can verify the webhooks of would never be believed a payment: the service does not start
 * with one. Only the database knows the keys of registered endpoints, so that this is no rule of the environment.
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

function isSame(left: KeySet, right: KeySet): boolean {
  if (left.failure !== right.failure || left.keys.length !== right.keys.length) return false;
  return left.keys.every((key, index) => key === right.keys[index]);
}

function faultOf(provider: string): string {
  const variable = webhookKeyVariable(provider);
  return (
    `${variable} is missing, and no endpoint of ${provider} is registered: its webhooks cannot be verified. ` +
    `Set it, or register one: npm run cli -- endpoints register --provider ${provider}`
  );
}
