import { randomBytes } from 'node:crypto';
import type { EncryptionSettings } from '../../../src/config/settings.js';
import type { Database } from '../../../src/database/database.js';
import { Ids } from '../../../src/kernel/ids.js';
import { ProviderHealth, ProviderRegistry } from '../../../src/providers/provider.registry.js';
import type { WebhookEvent } from '../../../src/providers/webhook.ports.js';
import { OperatorLog } from '../../../src/ops/operator.log.store.js';
import { EndpointDirectory } from '../../../src/webhooks/endpoint/endpoint.directory.js';
import { EndpointKeeper } from '../../../src/webhooks/endpoint/endpoint.keeper.js';
import type { EndpointAnswer, RegisterEndpointDto } from '../../../src/webhooks/endpoint/endpoint.dto.js';
import { EndpointStore } from '../../../src/webhooks/endpoint/endpoint.store.js';
import {
  webhookEndpoints,
  webhookKeys,
  type WebhookKeyRow,
} from '../../../src/webhooks/endpoint/endpoint.tables.js';
import { EndpointsService } from '../../../src/webhooks/endpoint/endpoints.service.js';
import { SecretBox } from '../../../src/webhooks/endpoint/secret.box.js';
import {
  WebhookKeyReader,
  WebhookKeys,
  WebhookKeysCheck,
} from '../../../src/webhooks/endpoint/webhook.keys.js';
import { SERVICE } from './domain.bed.js';
import { fakeDelivery, FakeEndpointProvider } from './fake.endpoint.provider.js';
import { FAKE } from './fake.provider.js';
import { TestClock } from './test.clock.js';

export const FAKE_URL = `${SERVICE.publicUrl}/webhooks/${FAKE}`;

/** One process's worth of endpoint registration around a provider in memory; on one database there may be several. */
export class EndpointBed {
  readonly clock: TestClock;
  readonly store = new EndpointStore();
  readonly reader: WebhookKeyReader;
  readonly keys: WebhookKeys;
  readonly endpoints: EndpointsService;
  readonly check: WebhookKeysCheck;

  constructor(
    readonly database: Database,
    readonly provider = new FakeEndpointProvider(),
    encryption: EncryptionSettings = { key: randomBytes(32) },
    clock = new TestClock(database),
  ) {
    this.clock = clock;
    const box = new SecretBox(encryption);
    this.reader = new WebhookKeyReader(database, this.store, box);
    const { reader } = this;
    this.keys = new WebhookKeys(reader, clock);
    const registry = new ProviderRegistry([provider], { routes: [] }, new ProviderHealth(clock));
    this.check = new WebhookKeysCheck(registry, reader);
    const directory = new EndpointDirectory(database, this.store, registry);
    const keeper = new EndpointKeeper(
      database,
      this.store,
      reader,
      this.keys,
      new Ids(clock),
      new OperatorLog(),
    );
    this.endpoints = new EndpointsService(registry, directory, keeper, box, SERVICE);
  }

  /** On a database without endpoints, at the real time. */
  static async fresh(database: Database, provider = new FakeEndpointProvider()): Promise<EndpointBed> {
    await database.db.delete(webhookKeys);
    await database.db.delete(webhookEndpoints);
    const bed = new EndpointBed(database, provider);
    await bed.clock.advance(0);
    return bed;
  }

  async register(wish: Partial<RegisterEndpointDto> = {}): Promise<EndpointAnswer> {
    return (await this.endpoints.register({ provider: FAKE, ...wish }, 'ops')).endpoint;
  }

  /** Verifies a delivery that was signed with this key. */
  verify(key = ''): Promise<WebhookEvent> {
    return this.keys.verify(this.provider, fakeDelivery(key));
  }

  /** The keys that the provider signs with now. */
  get signing(): string[] {
    return [...this.provider.endpoints.signingKeys.values()];
  }

  storedKeys(): Promise<WebhookKeyRow[]> {
    return this.database.db.select().from(webhookKeys);
  }
}
