import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { freePort } from '../../../sandbox/servers/free-port.js';
import { type NatsServer, startNatsServer } from '../../../sandbox/servers/nats.server.js';
import type { DeliveryRecord } from '../../../sandbox/delivery.log.js';
import { startConektaSandbox } from '../../../sandbox/conekta/conekta.sandbox.js';
import type { ConektaSandbox } from '../../../sandbox/conekta/conekta.sandbox.types.js';
import type { Payload } from '../../../sandbox/stripe/event.log.js';
import { startStripeSandbox, type StripeSandbox } from '../../../sandbox/stripe/stripe.sandbox.js';
import { freshMigratedDatabase } from '../servers/database.js';
import { LegacyOrders, type LegacyOrdersOptions } from './legacy.orders.js';
import type { ServiceSurroundings } from './service.environment.js';
import type { LocalService } from './service.local.js';
import { type ServiceOptions, ServiceProcess } from './service.process.js';
import { StreamReader } from './stream.reader.js';

/** A receiver that is away for minutes still gets every webhook, and one that is back gets it at once. */
const RETRY_SCHEDULE_MS = new Array<number>(1_000).fill(200);
const STRIPE_WEBHOOKS = '/webhooks/stripe';
const CONEKTA_WEBHOOKS = '/webhooks/conekta';

export interface WorldOptions extends ServiceOptions {
  /** How many processes of the service on the one database. Default 1. */
  readonly services?: number;
  /** Default `postgres`: a database of its own on the run's server. A URL: that database. */
  readonly database?: 'postgres' | 'embedded' | { readonly url: string };
  /** False: no nats-server runs yet, its port is kept for it. Default true. */
  readonly nats?: boolean;
  /** Lines for the broker's configuration, such as `max_payload: 4096`. */
  readonly natsConfig?: string;
  /** True: a stand-in Conekta too, and the service knows it. Default false. */
  readonly conekta?: boolean;
  /** What Stripe's webhooks tell. Default `snapshot`. */
  readonly payload?: Payload;
  /** Waits between the attempts of a webhook, in milliseconds. */
  readonly retryScheduleMs?: number[];
}

/** Everything around the service, private to one test file: broker, stand-in Stripe, database, processes. */
export class World {
  private readonly closers: (() => Promise<unknown>)[] = [];

  private constructor(
    readonly nats: NatsServer,
    readonly stripe: StripeSandbox,
    private readonly standInConekta: ConektaSandbox | undefined,
    readonly services: readonly ServiceProcess[],
    private readonly database: OpenDatabase,
  ) {}

  static async start(options: WorldOptions = {}): Promise<World> {
    const closers: (() => Promise<unknown>)[] = [];
    try {
      const retryScheduleMs = options.retryScheduleMs ?? RETRY_SCHEDULE_MS;
      const [nats, stripe, conekta, database] = await Promise.all([
        startNatsServer({ config: options.natsConfig ?? '' }),
        startStripeSandbox({
          receiptBase: 'https://receipts.example.com',
          retryScheduleMs,
          payload: options.payload ?? 'snapshot',
        }),
        options.conekta === true ? startConektaSandbox({ retryScheduleMs }) : undefined,
        openDatabase(options.database ?? 'postgres'),
      ]);
      closers.push(
        () => nats.stop(),
        () => stripe.close(),
        () => conekta?.close() ?? Promise.resolve(),
        database.close,
      );
      if (options.nats === false) await nats.kill();
      const services: ServiceProcess[] = [];
      for (let index = 0; index < (options.services ?? 1); index += 1) {
        services.push(new ServiceProcess(await surroundings(nats, stripe, conekta, database), options.env));
      }
      closers.push(() => Promise.all(services.map((service) => service.kill9())));
      const world = new World(nats, stripe, conekta, services, database);
      world.closers.push(...closers);
      if (services.length > 0) world.sendWebhooksTo([world.service.url]);
      await Promise.all(services.map((service) => service.start(options)));
      if (options.nats !== false && options.awaitLive !== false) {
        await Promise.all(services.map((service) => service.ready()));
      }
      return world;
    } catch (error) {
      for (const close of closers.reverse()) await close();
      throw error;
    }
  }

  /** The first process, which Stripe sends its webhooks to. */
  get service(): ServiceProcess {
    const [first] = this.services;
    if (first === undefined) throw new Error('this world has no service');
    return first;
  }

  get conekta(): ConektaSandbox {
    if (this.standInConekta === undefined) throw new Error('this world has no Conekta: start it with one');
    return this.standInConekta;
  }

  /** None where there is no Conekta. */
  get conektaDeliveries(): readonly DeliveryRecord[] {
    return this.standInConekta?.delivery.log ?? [];
  }

  /** From now on the providers send every event to every process. */
  sendWebhooksToAll(): void {
    this.sendWebhooksTo(this.services.map((service) => service.url));
  }

  /** @param services base URLs. */
  sendWebhooksTo(services: readonly string[]): void {
    this.stripe.setWebhooks(services.map((url) => `${url}${STRIPE_WEBHOOKS}`));
    this.standInConekta?.setWebhooks(services.map((url) => `${url}${CONEKTA_WEBHOOKS}`));
  }

  /**
   * One more process on the same database, not started yet; ended with the world.
   * @param main another build's, see earlier.release.ts.
   * @param port of one whose place it takes.
   */
  async newService(
    env: Record<string, string> = {},
    { main, port }: { main?: string; port?: number } = {},
  ): Promise<ServiceProcess> {
    const around = await surroundings(this.nats, this.stripe, this.standInConekta, this.database);
    const service = new ServiceProcess({ ...around, ...(port !== undefined && { port }) }, env, main);
    this.closers.push(() => service.kill9());
    return service;
  }

  /** The service inside this process, in place of processes of its own; Stripe's webhooks go to it. */
  async startLocalService(env: Record<string, string> = {}): Promise<LocalService> {
    // Loaded here only: most tests want processes, and the sources take a while to load.
    const { startLocalService } = await import('./service.local.js');
    const around = await surroundings(this.nats, this.stripe, this.standInConekta, this.database);
    const service = await startLocalService(around, env);
    this.closers.push(() => service.stop());
    this.sendWebhooksTo([service.url]);
    return service;
  }

  /** Closed with the world. */
  async openStream(): Promise<StreamReader> {
    const reader = await StreamReader.open(this.nats.url);
    this.closers.push(() => reader.close());
    return reader;
  }

  /** Ended with the world, unless it was stopped before. */
  async startOrders(options: LegacyOrdersOptions = {}): Promise<LegacyOrders> {
    const orders = await LegacyOrders.start(this.nats.url, options);
    this.closers.push(() => orders.stop());
    return orders;
  }

  /** Looks into, or disturbs, the service's database. */
  async sql<Row extends pg.QueryResultRow>(statement: string, values: unknown[] = []): Promise<Row[]> {
    const { pool } = this.database;
    if (pool === undefined) throw new Error('an embedded database is reached by its own process only');
    return (await pool.query<Row>(statement, values)).rows;
  }

  /** Ids of the events in the inbox that nobody has finished yet. */
  async waitingEvents(): Promise<string[]> {
    const rows = await this.sql<{ event_id: string }>(
      `select event_id from webhook_inbox where state in ('received', 'parked')`,
    );
    return rows.map((row) => row.event_id);
  }

  /** As if the time had passed after which others take over what a dead process had claimed. */
  async endLeases(): Promise<void> {
    await this.sql(`update webhook_inbox set lease_until = null where lease_until is not null`);
    await this.sql(`update outbox set lease_until = null where lease_until is not null`);
  }

  async stop(): Promise<void> {
    for (const close of this.closers.reverse()) await close();
  }
}

export function startWorld(options: WorldOptions = {}): Promise<World> {
  return World.start(options);
}

async function surroundings(
  nats: NatsServer,
  stripe: StripeSandbox,
  conekta: ConektaSandbox | undefined,
  database: OpenDatabase,
): Promise<ServiceSurroundings> {
  return {
    port: await freePort(),
    natsUrl: nats.url,
    stripeUrl: stripe.url,
    conekta,
    database: database.where,
  };
}

interface OpenDatabase {
  where: { url: string } | { directory: string };
  pool: pg.Pool | undefined;
  close: () => Promise<void>;
}

async function openDatabase(kind: NonNullable<WorldOptions['database']>): Promise<OpenDatabase> {
  if (kind === 'embedded') {
    const directory = await mkdtemp(join(tmpdir(), 'payments-data-'));
    const close = (): Promise<void> =>
      rm(directory, { recursive: true, force: true, maxRetries: 50, retryDelay: 100 });
    return { where: { directory }, pool: undefined, close };
  }
  const fresh =
    kind === 'postgres' ? await freshMigratedDatabase() : { url: kind.url, drop: () => Promise.resolve() };
  const pool = new pg.Pool({ connectionString: fresh.url, max: 3 });
  // A test may stop the database under it.
  pool.on('error', () => undefined);
  const close = async (): Promise<void> => {
    await pool.end();
    await fresh.drop();
  };
  return { where: { url: fresh.url }, pool, close };
}
