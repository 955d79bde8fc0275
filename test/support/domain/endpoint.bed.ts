import { randomBytes } from 'node:crypto';
import type { EncryptionSettings } from '../../../src/config/settings.js';
import type { Database } from '../../../src/database/database.js';
import { UuidV7Ids } from '../../../src/kernel/ids.js';
import { ProviderHealth } from '../../../src/providers/provider.health.js';
import { ProviderRegistry } from '../../../src/providers/provider.registry.js';
import { EndpointDirectory } from '../../../src/webhooks/endpoint/endpoint.directory.js';
import { EndpointKeeper } from '../../../src/webhooks/endpoint/endpoint.keeper.js';
import { EndpointProviders } from '../../../src/webhooks/endpoint/endpoint.providers.js';
import { EndpointRegistrar } from '../../../src/webhooks/endpoint/endpoint.registrar.js';
import { EndpointRemoval } from '../../../src/webhooks/endpoint/endpoint.removal.js';
import { EndpointStore } from '../../../src/webhooks/endpoint/endpoint.store.js';
import { EndpointsService } from '../../../src/webhooks/endpoint/endpoints.service.js';
import { KeyEnder } from '../../../src/webhooks/endpoint/key.ender.js';
import { KeyRotation } from '../../../src/webhooks/endpoint/key.rotation.js';
import { SecretBox } from '../../../src/webhooks/endpoint/secret.box.js';
import { WebhookKeyReader } from '../../../src/webhooks/endpoint/webhook.key.reader.js';
import { WebhookKeys } from '../../../src/webhooks/endpoint/webhook.keys.js';
import { WebhookKeysCheck } from '../../../src/webhooks/endpoint/webhook.keys.check.js';
import { WebhookVerifier } from '../../../src/webhooks/webhook.verifier.js';
import { SERVICE } from './domain.bed.js';
import { FakeEndpointProvider } from './fake.endpoint.provider.js';
import { TestClock } from './test.clock.js';

/** One process's worth of endpoint registration around a provider in memory; on one database there may be several. */
export class EndpointBed {
  readonly clock: TestClock;
  readonly store = new EndpointStore();
  readonly reader: WebhookKeyReader;
  readonly keys: WebhookKeys;
  readonly verifier: WebhookVerifier;
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
    this.verifier = new WebhookVerifier(this.keys, clock);
    const registry = new ProviderRegistry([provider], { routes: [] }, new ProviderHealth(clock));
    this.check = new WebhookKeysCheck(registry, reader);
    const providers = new EndpointProviders(registry);
    const directory = new EndpointDirectory(database, this.store, providers);
    const keeper = new EndpointKeeper(database, this.store, reader, this.keys, new UuidV7Ids(clock));
    const ender = new KeyEnder(database, this.store, reader, this.keys);
    this.endpoints = new EndpointsService(
      directory,
      new EndpointRegistrar(providers, directory, keeper, box, SERVICE),
      new KeyRotation(directory, keeper, ender, box),
      new EndpointRemoval(directory, ender, keeper),
    );
  }
}
