import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { AppBed, WEBHOOK_SECRET } from '../support/domain/app.bed.js';
import { post } from '../support/domain/http.call.js';
import { signed, stripeEvent } from '../support/domain/signed.event.js';
import { eventually } from '../support/harness/eventually.js';
import { type FreshDatabase, freshDatabase } from '../support/servers/database.js';

/** One request's patience is 8 s. A machine that is busy takes seconds more; two limits in a row take 16 s. */
const DEADLINE_MS = 12_500;

describe('a table that somebody has locked', () => {
  let fresh: FreshDatabase;
  let bed: AppBed;
  /** Of the same database, with one connection for requests. */
  let crowded: AppBed | undefined;
  let locker: pg.Client;
  beforeAll(async () => {
    fresh = await freshDatabase();
    bed = await AppBed.start({}, fresh);
    locker = new pg.Client({ connectionString: fresh.url });
    await locker.connect();
  }, 60_000);
  afterAll(async () => {
    await locker?.end();
    await crowded?.stop();
    await bed?.stop();
  });

  async function whileLocked<T>(tables: string, work: () => Promise<T>): Promise<T> {
    await locker.query('begin');
    await locker.query(`lock table ${tables} in access exclusive mode`);
    try {
      return await work();
    } finally {
      await locker.query('rollback');
    }
  }
  const timed = async (asked: Promise<{ status: number; body: Record<string, unknown> }>) => {
    const since = performance.now();
    const { status, body } = await asked;
    return { status, code: body['code'], inTime: performance.now() - since < DEADLINE_MS };
  };
  const REFUSED = { status: 503, code: 'database_unavailable', inTime: true };
  const create = (key: string = randomUUID(), at = bed) =>
    post(
      `${at.url}/payments/create-session`,
      JSON.stringify({
        orderId: randomUUID(),
        currency: 'usd',
        items: [{ name: 'Taza', price: 5, quantity: 1 }],
      }),
      { 'content-type': 'application/json', 'idempotency-key': key },
    );
  const deliver = (at = bed) => {
    const { body } = stripeEvent();
    const headers = { 'content-type': 'application/json', 'stripe-signature': signed(body, WEBHOOK_SECRET) };
    return post(`${at.url}/webhooks/stripe`, body, headers);
  };

  /** Until somebody waits for that table. */
  const isStuckAt = (table: string) =>
    eventually(async () => {
      const waiting = `select 1 from pg_locks where not granted and relation = '${table}'::regclass`;
      expect((await locker.query(waiting)).rows.length).toBeGreaterThan(0);
    });

  describe('with one connection for requests, and few for workers', () => {
    const few = async (): Promise<AppBed> =>
      (crowded ??= await AppBed.start({ DATABASE_POOL: '1', DATABASE_WORKER_POOL: '3' }, fresh));
    const isReady = (at: AppBed) =>
      eventually(async () => expect((await fetch(`${at.url}/health/ready`)).status).toBe(200));

    it('goes on with webhooks, work and readiness while a request holds it', async () => {
      const at = await few();
      await whileLocked('idempotency_keys', async () => {
        const stuck = timed(create(randomUUID(), at));
        await isStuckAt('idempotency_keys');
        await isReady(at);
        expect((await deliver(at)).status).toBe(200);
        await eventually(async () => {
          const { rows } = await locker.query(`select 1 from webhook_inbox where state = 'received'`);
          expect(rows).toEqual([]);
        });
        expect(await stuck).toEqual(REFUSED);
      });
    }, 60_000);

    it('goes on with requests and readiness while webhooks hold the others', async () => {
      const at = await few();
      await whileLocked('webhook_inbox', async () => {
        const stuck = timed(deliver(at));
        await isStuckAt('webhook_inbox');
        expect((await create(randomUUID(), at)).status).toBe(201);
        await isReady(at);
        expect(await stuck).toEqual(REFUSED);
      });
    }, 60_000);
  });

  it.each(['provider_operations', 'idempotency_keys'])(
    'answers 503 within one deadline: %s',
    async (table) => {
      expect(await whileLocked(table, () => timed(create()))).toEqual(REFUSED);
      expect((await create()).status).toBe(201);
    },
    60_000,
  );

  it('T25a answers 503 within one deadline, though what it does then is locked as well', async () => {
    const answer = await whileLocked('payments', async () => {
      const key = randomUUID();
      const asked = timed(create(key));
      await eventually(async () => {
        const { rows } = await locker.query('select 1 from idempotency_keys where key = $1', [key]);
        expect(rows).toHaveLength(1);
      });
      // Where it gives its Idempotency-Key back.
      await locker.query('lock table idempotency_keys in access exclusive mode');
      return asked;
    });
    expect(answer).toEqual(REFUSED);
    expect((await create()).status).toBe(201);
  }, 60_000);

  it('T25b answers 503 within one deadline to a webhook that came while another was stuck', async () => {
    const answers = await whileLocked('webhook_inbox', async () => {
      const first = timed(deliver());
      // It is on its way to the table when the second one comes.
      await isStuckAt('webhook_inbox');
      return Promise.all([first, timed(deliver())]);
    });
    expect(answers).toEqual([REFUSED, REFUSED]);
    await eventually(async () => expect((await deliver()).status).toBe(200));
  }, 60_000);
});
