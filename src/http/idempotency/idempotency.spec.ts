import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { sql } from 'drizzle-orm';
import { migratedDatabase, type MigratedDatabase } from '../../../test/support/outbox/migrated.database.js';
import type { Database } from '../../database/database.js';
import { ServiceError } from '../../kernel/errors.js';
import {
  hashRequest,
  IdempotencyService,
  type IdempotentRequest,
  type RememberedResource,
} from './idempotency.service.js';
import { IdempotencyStore, type StoredAnswer } from './idempotency.store.js';

const answer = (body: unknown, status = 201): StoredAnswer => ({ status, body });

describe('an Idempotency-Key', () => {
  let home: MigratedDatabase;
  let database: Database;
  let service: IdempotencyService;
  const store = new IdempotencyStore();
  let counter = 0;

  beforeAll(async () => {
    home = await migratedDatabase();
    ({ database } = home);
    service = new IdempotencyService(database, store, { leaseMs: 60_000, waitMs: 15_000 });
  });
  afterAll(() => home.drop());

  const asking = (changes: Partial<IdempotentRequest> = {}): IdempotentRequest => {
    counter += 1;
    const fresh = {
      caller: 'shop',
      key: `key-${counter}`,
      operation: 'payments.charge',
      request: { amount: 1 },
    };
    return { ...fresh, ...changes };
  };
  const impatient = (): IdempotencyService =>
    new IdempotencyService(database, store, { leaseMs: 60_000, waitMs: 0 });
  const never = (): Promise<StoredAnswer> => Promise.reject(new Error('the work ran again'));

  it('gives the first answer again, without working again', async () => {
    const asked = asking();
    const first = await service.run(asked, async () => answer({ id: 'p-1', none: undefined }));
    expect(first).toEqual({ status: 201, body: { id: 'p-1' } });
    expect(await service.run(asked, never)).toEqual(first);
  });

  it('reads the same JSON as the same request, whatever the order of its keys', async () => {
    const asked = asking({ request: { a: 1, b: { c: [1, 2], d: 'x' } } });
    await service.run(asked, async () => answer('done'));
    const again = { ...asked, request: { b: { d: 'x', c: [1, 2] }, a: 1 } };
    expect((await service.run(again, never)).body).toBe('done');
  });

  it.each([{ request: { amount: 2 } }, { operation: 'payments.capture' }])(
    'is refused for something else: %j',
    async (other) => {
      const asked = asking();
      await service.run(asked, async () => answer('done'));
      await expect(service.run({ ...asked, ...other }, never)).rejects.toMatchObject({
        code: 'idempotency_key_reused',
        status: 422,
      });
    },
  );

  it('of another caller is another key', async () => {
    const asked = asking();
    await service.run(asked, async () => answer('ours'));
    const other = await service.run({ ...asked, caller: 'other' }, async () => answer('theirs'));
    expect(other.body).toBe('theirs');
  });

  it('used by fifty at once works once, and all get the answer', async () => {
    const asked = asking();
    const work = jest.fn(async () => {
      await database.ping();
      return answer({ id: 'p-50' });
    });
    const answers = await Promise.all(Array.from({ length: 50 }, () => service.run(asked, work)));
    expect(work).toHaveBeenCalledTimes(1);
    expect(new Set(answers.map((one) => JSON.stringify(one)))).toEqual(
      new Set(['{"status":201,"body":{"id":"p-50"}}']),
    );
  });

  it('under way elsewhere for too long is in doubt', async () => {
    const asked = asking();
    await store.claim(database.db, { caller: asked.caller, key: asked.key ?? '' }, hashOf(asked), 60_000);
    await expect(impatient().run(asked, never)).rejects.toMatchObject({
      code: 'operation_in_doubt',
      status: 409,
    });
  });

  it('of a crashed process is taken over with what that one had made', async () => {
    const asked = asking();
    const dead = await claimAsCrashed(asked);
    await store.remember(database.db, dead, 'payment-7');
    const resumed: (string | undefined)[] = [];
    const done = await service.run(asked, async (resource) => {
      resumed.push(resource.id);
      return answer('resumed');
    });
    expect(resumed).toEqual(['payment-7']);
    expect(done.body).toBe('resumed');
  });

  it('fences whoever lost its lease: it can neither remember nor answer', async () => {
    const asked = asking();
    const slow = await claimAsCrashed(asked);
    await service.run(asked, async () => answer('the second'));
    expect(await store.remember(database.db, slow, 'payment-8')).toBe(false);
    expect(await store.finish(database.db, slow, answer('the first'))).toBe(false);
    expect(await store.renew(database.db, slow, 1000)).toBe(false);
    expect((await service.run(asked, never)).body).toBe('the second');
  });

  it('stops a worker that was taken over before it makes anything', async () => {
    const asked = asking();
    const ran = service.run(asked, async (resource) => {
      await expireLease(asked);
      await store.claim(database.db, { caller: asked.caller, key: asked.key ?? '' }, hashOf(asked), 60_000);
      await resource.remember('payment-9');
      return answer('never');
    });
    await expect(ran).rejects.toMatchObject({ code: 'operation_in_doubt' });
  });

  it('keeps its lease while the work lasts', async () => {
    const short = new IdempotencyService(database, store, { leaseMs: 90, waitMs: 15_000 });
    const asked = asking();
    const renewed = new Promise<boolean>((resolve) => {
      const original = store.renew.bind(store);
      const renew = jest.spyOn(store, 'renew');
      renew.mockImplementation(async (...args) => {
        const held = await original(...args);
        renew.mockRestore();
        resolve(held);
        return held;
      });
    });
    await short.run(asked, async () => answer(await renewed));
    expect(await renewed).toBe(true);
  });

  it('keeps a lasting refusal, and throws it again', async () => {
    const asked = asking();
    const refusal = new ServiceError('order_already_paid', 'paid', { orderId: 'o-1' });
    await expect(service.run(asked, () => Promise.reject(refusal))).rejects.toBe(refusal);
    const again = await service.run(asked, never).catch((error: unknown) => error);
    expect(again).toBeInstanceOf(ServiceError);
    expect(again).toMatchObject({ code: 'order_already_paid', message: 'paid', details: { orderId: 'o-1' } });
  });

  it.each([
    ['an outage', new ServiceError('provider_unavailable', 'away')],
    ['an unknown outcome', new ServiceError('unknown_outcome', 'who knows')],
    ['a doubt', new ServiceError('operation_in_doubt', 'wait')],
    ['a bug', new TypeError('x is not a function')],
  ])('keeps no answer of %s', async (_what, failure) => {
    const asked = asking();
    const failing = (resource: RememberedResource): Promise<StoredAnswer> =>
      resource.remember('payment-10').then(() => Promise.reject(failure));
    await expect(service.run(asked, failing)).rejects.toBe(failure);
    const second = await impatient().run(asked, async (resource) => answer(resource.id));
    expect(second.body).toBe('payment-10');
  });

  it('keeps no answer of 500 and above', async () => {
    const asked = asking();
    expect((await service.run(asked, async () => answer('down', 503))).status).toBe(503);
    expect((await impatient().run(asked, async () => answer('up'))).body).toBe('up');
  });

  it.each(['', ' ', 'a b', 'é', 'x'.repeat(256), 'a\u0000', 'one, two'])(
    'of the form %j is refused',
    async (key) => {
      await expect(service.run(asking({ key }), never)).rejects.toMatchObject({ code: 'invalid_request' });
    },
  );

  it.each(['x', '!~', 'k'.repeat(255)])('of the form %j is taken', async (key) => {
    expect((await service.run(asking({ key }), async () => answer(1))).body).toBe(1);
  });

  it('is not needed: without one the work runs each time', async () => {
    const work = jest.fn(async () => answer('x'));
    await service.run(asking({ key: undefined }), work);
    await service.run(asking({ key: undefined }), work);
    expect(work).toHaveBeenCalledTimes(2);
  });

  it('is forgotten when it is old', async () => {
    const asked = asking();
    await service.run(asked, async () => answer('old'));
    await database.db.execute(
      sql`update idempotency_keys set created_at = payments_now() - interval '2 days' where key = ${asked.key}`,
    );
    expect(await store.deleteOlderThan(database.db, 86_400_000)).toBe(1);
    expect((await service.run(asked, async () => answer('new'))).body).toBe('new');
  });

  const hashOf = (asked: IdempotentRequest): string => hashRequest(asked.operation, asked.request);

  async function claimAsCrashed(asked: IdempotentRequest) {
    const ref = { caller: asked.caller, key: asked.key ?? '' };
    const state = await store.claim(database.db, ref, hashOf(asked), 60_000);
    if (state.kind !== 'claimed') throw new Error(`expected a claim, found ${state.kind}`);
    await expireLease(asked);
    return state.claim;
  }

  async function expireLease(asked: IdempotentRequest): Promise<void> {
    await database.db.execute(
      sql`update idempotency_keys set lease_until = payments_now() - interval '1 second' where key = ${asked.key}`,
    );
  }
});
