import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { migratedDatabase, type MigratedDatabase } from '../../../test/support/outbox/migrated.database.js';
import { Clock } from '../../kernel/clock.js';
import { ConektaProvider } from '../../providers/conekta/conekta.provider.js';
import type { PaymentProvider } from '../../providers/provider.port.js';
import { ProviderHealth, ProviderRegistry } from '../../providers/provider.registry.js';
import { StripeProvider } from '../../providers/stripe/stripe.provider.js';
import { CopiedDatabaseCheck } from './copied.database.check.js';
import { PaymentStore } from './payment.store.js';
import { payments } from './payment.tables.js';

const KEYS = {
  stripe: (live: boolean) =>
    new StripeProvider({ secretKey: `sk_${live ? 'live' : 'test'}_12345678`, webhookSecrets: [] }),
  conekta: (live: boolean) =>
    new ConektaProvider({ privateKey: 'key_12345678', livemode: live, webhookKeys: [] }),
};

describe('a database that may be a copy', () => {
  let home: MigratedDatabase;
  beforeAll(async () => {
    home = await migratedDatabase();
  });
  afterAll(() => home.drop());

  const start = (provider: PaymentProvider) => {
    const registry = new ProviderRegistry([provider], { routes: [] }, new ProviderHealth(new Clock()));
    return new CopiedDatabaseCheck(home.database, registry, new PaymentStore()).onModuleInit();
  };

  it.each(['stripe', 'conekta'] as const)(
    'T3q is refused with a test key of %s once it holds live payments of it, and not the other way round',
    async (provider) => {
      const keep = (livemode: boolean) =>
        home.database.db.insert(payments).values({
          id: randomUUID(),
          orderId: randomUUID(),
          provider,
          livemode,
          status: 'succeeded',
          amount: 100n,
          currency: 'MXN',
          capture: 'automatic',
          items: [],
          metadata: {},
          caller: 'shop',
        });
      await keep(false);
      for (const live of [true, false]) await expect(start(KEYS[provider](live))).resolves.toBeUndefined();
      await keep(true);
      await expect(start(KEYS[provider](true))).resolves.toBeUndefined();
      await expect(start(KEYS[provider](false))).rejects.toThrow(`${provider} has a test key`);
    },
  );
});
