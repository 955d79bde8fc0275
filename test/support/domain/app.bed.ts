import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { sql } from 'drizzle-orm';
import { AppModule } from '../../../src/app.module.js';
import { readSettings } from '../../../src/config/settings.module.js';
import { Database } from '../../../src/database/database.js';
import { configureHttp, createFastifyAdapter } from '../../../src/http/http.server.js';
import { PinoLogger } from '../../../src/http/logging/pino.logger.js';
import { DEFAULT_SECRET_KEY, startStripeSandbox } from '../../../sandbox/stripe/stripe.sandbox.js';
import type { StripeSandbox } from '../../../sandbox/stripe/stripe.sandbox.types.js';
import { LogLines } from '../http/log.lines.js';
import { type FreshDatabase, freshMigratedDatabase } from '../servers/database.js';

export const WEBHOOK_SECRET = 'whsec_of_the_tests';

/** The whole service in this process, over HTTP, with its log kept; and the stand-in Stripe that it talks to. */
export class AppBed {
  private constructor(
    readonly app: NestFastifyApplication,
    readonly url: string,
    readonly logs: LogLines,
    readonly stripe: StripeSandbox,
    readonly fresh: FreshDatabase,
  ) {}

  /**
   * @param env beside what it needs; NATS is not there unless it is named.
   * @param fresh its database.
   */
  static async start(env: Record<string, string> = {}, fresh?: FreshDatabase): Promise<AppBed> {
    fresh ??= await freshMigratedDatabase();
    const stripe = await startStripeSandbox({ webhookSecrets: [WEBHOOK_SECRET] });
    const environment = {
      NODE_ENV: 'test',
      HOST: '127.0.0.1',
      PORT: '0',
      PUBLIC_URL: 'https://pay.example',
      REDIRECT_ORIGINS: 'https://shop.example',
      DATABASE_URL: fresh.url,
      NATS_SERVERS: 'nats://127.0.0.1:1',
      STRIPE_SECRET: DEFAULT_SECRET_KEY,
      STRIPE_ENDPOINT_SECRET: WEBHOOK_SECRET,
      STRIPE_API_BASE: stripe.url,
      ...env,
    };
    const settings = readSettings(environment);
    const logs = new LogLines();
    const testing = await Test.createTestingModule({ imports: [AppModule.register(environment)] })
      .setLogger(logs.logger)
      .overrideProvider(PinoLogger)
      .useValue(logs.logger)
      .compile();
    const app = testing.createNestApplication<NestFastifyApplication>(
      createFastifyAdapter(settings.service),
      {
        bodyParser: false,
        logger: logs.logger,
      },
    );
    await configureHttp(app, settings.service);
    await app.listen(0, '127.0.0.1');
    return new AppBed(app, await app.getUrl(), logs, stripe, fresh);
  }

  get database(): Database {
    return this.app.get(Database);
  }

  async rows<T extends Record<string, unknown>>(statement: string): Promise<T[]> {
    const { rows } = (await this.database.db.execute<T>(sql.raw(statement))) as unknown as { rows: T[] };
    return rows;
  }

  async stop(): Promise<void> {
    await this.app.close();
    await this.stripe.close();
    await this.fresh.drop();
  }
}
