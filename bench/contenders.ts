import { createHash } from 'node:crypto';
import { join } from 'node:path';
import pg from 'pg';
import { Consumer } from './consumer.js';
import { SECRET } from './events.js';
import { cpuMs, pssMb, type Work, workOf } from './measure.js';
import { type Program, ROOT, type Stage } from './stage.js';

/** ours: this build. release: the one before. floor, nest, sync: see peers/. */
export type Kind = 'ours' | 'release' | 'floor' | 'nest' | 'sync';

export const API_KEY = 'bench-key';

/** One contender as it runs: one process or several, on a database of its own. */
export interface Running {
  readonly urls: readonly string[];
  readonly programs: readonly Program[];
  readonly database: pg.Pool;
  /** Hears its events; undefined for peers, which have none. */
  readonly consumer: Consumer | undefined;
  cpu(): Promise<number>;
  pss(): Promise<number>;
  work(): Promise<Work>;
  /** Kills it, and drops its database. */
  stop(): Promise<void>;
}

export interface StartOptions {
  readonly processes?: number;
  readonly env?: Record<string, string>;
  /** Default: a fresh copy of the migrated one. It is not dropped. */
  readonly database?: string;
}

/** Starts contenders, each time anew: no round inherits what the one before left to be worked off. */
export class Contenders {
  private readonly templates = new Map<Kind, string>();

  constructor(
    private readonly stage: Stage,
    private readonly releaseMain: string | undefined,
  ) {}

  has(kind: Kind): boolean {
    return kind !== 'release' || this.releaseMain !== undefined;
  }

  async start(kind: Kind, { processes = 1, env = {}, database }: StartOptions = {}): Promise<Running> {
    const url = database ?? (await this.stage.newDatabase(await this.template(kind)));
    const speaks = isOurs(kind);
    if (speaks) await Consumer.clear(this.stage.natsUrl);
    const programs: Program[] = [];
    for (let index = 0; index < processes; index += 1)
      programs.push(await this.stage.start(this.scriptOf(kind), { ...this.envOf(kind, url), ...env }));
    const pids = programs.map(({ pid }) => pid);
    const pool = new pg.Pool({ connectionString: url, max: 3 });
    const consumer = speaks ? await Consumer.start(this.stage.natsUrl) : undefined;
    return {
      urls: programs.map((program) => program.url),
      programs,
      database: pool,
      consumer,
      cpu: () => cpuMs(pids),
      pss: () => pssMb(pids),
      work: () => workOf(pool),
      stop: async () => {
        await consumer?.stop();
        for (const program of programs) await program.kill();
        await pool.end();
        if (database === undefined) await this.stage.dropDatabase(url);
      },
    };
  }

  /** A database that a first start migrated; nobody is connected to it. */
  async template(kind: Kind): Promise<string> {
    const known = this.templates.get(kind);
    if (known !== undefined) return known;
    const url = await this.stage.newDatabase();
    this.templates.set(kind, url);
    const first = await this.start(kind, { database: url });
    await first.stop();
    return url;
  }

  private scriptOf(kind: Kind): string {
    if (kind === 'ours') return join(ROOT, 'dist/main.js');
    if (kind !== 'release') return join(ROOT, `bench/dist/bench/peers/${kind}.js`);
    if (this.releaseMain === undefined) throw new Error('there is no build of the last release');
    return this.releaseMain;
  }

  private envOf(kind: Kind, databaseUrl: string): Record<string, string> {
    const common = {
      NODE_ENV: 'production',
      DATABASE_URL: databaseUrl,
      NATS_SERVERS: this.stage.natsUrl,
      STRIPE_ENDPOINT_SECRET: SECRET,
    };
    if (!isOurs(kind)) return common;
    return {
      ...common,
      PUBLIC_URL: 'https://payments.shop.example',
      API_KEYS: `bench:operator:${createHash('sha256').update(API_KEY).digest('hex')}`,
      STRIPE_SECRET: 'sk_test_sandbox',
      // Nobody listens there: what is measured without a stand-in asks nobody.
      STRIPE_API_BASE: 'http://127.0.0.1:9',
      SUCCESS_URL: 'https://shop.example/paid',
      CANCEL_URL: 'https://shop.example/cart',
      ORDERS_FIND_SUBJECT: 'none',
    };
  }
}

function isOurs(kind: Kind): boolean {
  return kind === 'ours' || kind === 'release';
}
