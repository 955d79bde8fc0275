import { randomUUID } from 'node:crypto';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { eq } from 'drizzle-orm';
import { readSettings, SettingsModule } from '../../../src/config/settings.module.js';
import {
  customerAccounts,
  customers,
  paymentSources,
} from '../../../src/customers/customer/customer.tables.js';
import { Database } from '../../../src/database/database.js';
import { DatabaseModule } from '../../../src/database/database.module.js';
import { HttpModule } from '../../../src/http/http.module.js';
import { configureHttp, createFastifyAdapter } from '../../../src/http/http.server.js';
import { PinoLogger } from '../../../src/http/logging/pino.logger.js';
import { Clock } from '../../../src/kernel/clock.js';
import { KernelModule } from '../../../src/kernel/kernel.module.js';
import { OpsModule } from '../../../src/ops/ops.module.js';
import { OutboxModule } from '../../../src/outbox/outbox.module.js';
import { type PaymentRow, payments } from '../../../src/payments/payment/payment.tables.js';
import { PaymentsModule } from '../../../src/payments/payments.module.js';
import type { CustomersPort } from '../../../src/providers/billing.ports.js';
import type { SessionInput } from '../../../src/providers/payment.ports.js';
import type { ProviderCall } from '../../../src/providers/provider.calls.js';
import type { OptionalParts } from '../../../src/providers/provider.port.js';
import { ProviderHealth, ProviderRegistry } from '../../../src/providers/provider.registry.js';
import { LogLines } from '../http/log.lines.js';
import { type FreshDatabase, freshMigratedDatabase } from '../servers/database.js';
import { ChargingProvider } from './fake.charges.js';
import { FAKE } from './fake.provider.js';

/** Whatever customers it has, it has already. */
class ProviderWithCustomers extends ChargingProvider implements Pick<OptionalParts, 'customers'> {
  readonly customers: CustomersPort = {
    request: () => ({}),
    run: () => Promise.reject(new Error('no customer is made here')),
    retrieve: () => Promise.reject(new Error('no customer is read here')),
  };

  override sessionRequest(input: SessionInput): ProviderCall['request'] {
    return { ...super.sessionRequest(input), customerId: input.customerId };
  }
}

export interface Answer {
  status: number;
  body: Record<string, unknown>;
}

/** The payments room over HTTP, around a provider in memory. */
export class ChargeApp {
  readonly provider = new ProviderWithCustomers();

  private constructor(private readonly fresh: FreshDatabase) {}

  private app: NestFastifyApplication | undefined;

  static async start(): Promise<ChargeApp> {
    const bed = new ChargeApp(await freshMigratedDatabase());
    await bed.listen();
    return bed;
  }

  private async listen(): Promise<void> {
    const environment = {
      NODE_ENV: 'test',
      PUBLIC_URL: 'https://pay.example',
      DATABASE_URL: this.fresh.url,
      NATS_SERVERS: 'nats://127.0.0.1:1',
      STRIPE_SECRET: 'sk_test_nobody',
      STRIPE_ENDPOINT_SECRET: 'whsec_nobody',
    };
    const { logger } = new LogLines();
    const health = new ProviderHealth(new Clock());
    const routes = [{ currency: '*', providers: [FAKE] }];
    const testing = await Test.createTestingModule({
      imports: [
        KernelModule,
        SettingsModule.register(environment),
        DatabaseModule,
        OpsModule,
        HttpModule,
        OutboxModule,
        PaymentsModule,
      ],
    })
      .setLogger(logger)
      .overrideProvider(PinoLogger)
      .useValue(logger)
      .overrideProvider(ProviderRegistry)
      .useValue(new ProviderRegistry([this.provider], { routes }, health))
      .compile();
    const { service } = readSettings(environment);
    this.app = testing.createNestApplication<NestFastifyApplication>(createFastifyAdapter(service), {
      bodyParser: false,
      logger,
    });
    await configureHttp(this.app, service);
    await this.app.init();
  }

  async post(url: string, payload: object, headers: Record<string, string> = {}): Promise<Answer> {
    const answer = await this.running.inject({ method: 'POST', url, payload, headers });
    return { status: answer.statusCode, body: answer.json() };
  }

  /** A customer that the provider knows as `cus_…`, with one saved card. */
  async customer(): Promise<{ id: string; account: string; cardId: string; cardAtProvider: string }> {
    const [id, cardId] = [randomUUID(), randomUUID()];
    const [account, cardAtProvider] = [`cus_${id}`, `src_${cardId}`];
    const { db } = this.database;
    await db.insert(customers).values({ id, provider: FAKE, metadata: {}, caller: 'open', version: 1 });
    const at = { customerId: id, provider: FAKE };
    await db.insert(customerAccounts).values({ ...at, livemode: false, providerCustomerId: account });
    const card = { id: cardId, ...at, providerSourceId: cardAtProvider, isDefault: true, blocked: false };
    await db.insert(paymentSources).values(card);
    return { id, account, cardId, cardAtProvider };
  }

  async payment(id: unknown): Promise<PaymentRow | undefined> {
    const [row] = await this.database.db
      .select()
      .from(payments)
      .where(eq(payments.id, String(id)));
    return row;
  }

  async stop(): Promise<void> {
    await this.running.close();
    await this.fresh.drop();
  }

  get database(): Database {
    return this.running.get(Database);
  }

  private get running(): NestFastifyApplication {
    if (this.app === undefined) throw new Error('it does not run');
    return this.app;
  }
}
