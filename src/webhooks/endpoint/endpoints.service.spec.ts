import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { eq } from 'drizzle-orm';
import { EndpointBed, FAKE_URL } from '../../../test/support/domain/endpoint.bed.js';
import {
  type FakeEndpointOptions,
  FakeEndpointProvider,
} from '../../../test/support/domain/fake.endpoint.provider.js';
import { operatorActions } from '../../ops/operator.log.tables.js';
import { FAKE } from '../../../test/support/domain/fake.provider.js';
import { migratedDatabase, type MigratedDatabase } from '../../../test/support/outbox/migrated.database.js';

const REFUSED = { code: 'signature_invalid' };

describe('webhook endpoints', () => {
  let home: MigratedDatabase;
  let database: MigratedDatabase['database'];
  let bed: EndpointBed;
  let provider: FakeEndpointProvider;
  beforeAll(async () => {
    Logger.overrideLogger(false);
    home = await migratedDatabase();
    database = home.database;
  });
  afterAll(() => home.drop());
  const start = async (options: FakeEndpointOptions = {}): Promise<void> => {
    provider = new FakeEndpointProvider(options);
    bed = await EndpointBed.fresh(database, provider);
  };
  beforeEach(() => start());

  describe('the list', () => {
    it('shows what is ours, what is lost, and what exists at the provider only', async () => {
      const ours = await bed.register();
      const lost = await bed.register({ url: `${FAKE_URL}/lost` });
      provider.endpoints.present = provider.endpoints.present.filter((one) => one.remoteId !== lost.remoteId);
      const { endpoint } = provider.endpoints.newEndpoint('https://elsewhere.example/hook', []);
      const list = await bed.endpoints.list(FAKE);
      expect(list.map(({ id, state, url }) => ({ id, state, url }))).toEqual([
        { id: ours.id, state: 'registered', url: FAKE_URL },
        { id: lost.id, state: 'lost', url: `${FAKE_URL}/lost` },
        { id: `${FAKE}:${endpoint.remoteId}`, state: 'foreign', url: 'https://elsewhere.example/hook' },
      ]);
      expect(await bed.endpoints.list()).toEqual(list);
    });
  });

  describe.each(['endpoint', 'account'] as const)('deleting, where keys are per %s', (keysOf) => {
    beforeEach(() => start({ keysOf }));

    it('ends the endpoint and all of its keys, at the provider and here', async () => {
      const { id } = await bed.register();
      const [old] = bed.signing;
      await bed.endpoints.rotate(id, 'ops');
      const [current] = bed.signing;
      expect(await bed.endpoints.delete(id, 'ops')).toEqual({ id, deleted: true });
      expect([provider.endpoints.present, bed.signing]).toEqual([[], []]);
      for (const key of [old, current]) await expect(bed.verify(key)).rejects.toMatchObject(REFUSED);
      expect(await bed.endpoints.list()).toEqual([]);
      await expect(bed.endpoints.delete(id, 'ops')).rejects.toMatchObject({ code: 'not_found' });
    });

    it('that fails on its way can be repeated, and the key is accepted until then', async () => {
      const { id } = await bed.register();
      const [key] = bed.signing;
      for (const answer of ['unavailable', 'vanished'] as const) {
        provider.endpoints.answers = [answer];
        await expect(bed.endpoints.delete(id, 'ops')).rejects.toThrow();
        await expect(bed.verify(key)).resolves.toBeDefined();
      }
      provider.endpoints.answers = ['lost'];
      await expect(bed.endpoints.delete(id, 'ops')).rejects.toMatchObject({ code: 'unknown_outcome' });
      await expect(bed.verify(key)).resolves.toBeDefined();
      await bed.endpoints.delete(id, 'ops');
      await expect(bed.verify(key)).rejects.toMatchObject(REFUSED);
      expect(bed.signing).toEqual([]);
    });

    it('works on one that somebody else registered', async () => {
      const { endpoint } = provider.endpoints.newEndpoint('https://elsewhere.example/hook');
      const id = `${FAKE}:${endpoint.remoteId}`;
      await bed.endpoints.delete(id, 'ops');
      expect(provider.endpoints.present).toEqual([]);
    });

    it('and registering again makes a new one', async () => {
      const { id } = await bed.register();
      await bed.endpoints.delete(id, 'ops');
      const again = await bed.register();
      expect(again.id).not.toBe(id);
      await expect(bed.verify(bed.signing[0])).resolves.toBeDefined();
    });
  });

  it('pings by our id and by the provider’s', async () => {
    const { id, remoteId } = await bed.register();
    expect(await bed.endpoints.ping(id, 'ops')).toEqual({ id, pinged: true });
    await bed.endpoints.ping(`${FAKE}:${remoteId}`, 'ops');
    expect(provider.endpoints.calls.filter((call) => call === `ping ${remoteId}`)).toHaveLength(2);
    provider.endpoints.answers = ['vanished'];
    await expect(bed.endpoints.ping(id, 'ops')).rejects.toMatchObject({ code: 'unknown_outcome' });
  });

  it.each(['nothing', 'fake:we_none', 'nobody:we_1', '0194a0de-0000-7000-8000-000000000001', 'fake:'])(
    'finds no endpoint %j',
    async (id) => {
      await bed.register();
      const works = [
        bed.endpoints.ping(id, 'ops'),
        bed.endpoints.rotate(id, 'ops'),
        bed.endpoints.delete(id, 'ops'),
      ];
      await Promise.all(works.map((work) => expect(work).rejects.toMatchObject({ code: 'not_found' })));
    },
  );

  describe('the audit log', () => {
    const rowsOf = async (target: string) =>
      (
        await database.db
          .select()
          .from(operatorActions)
          .where(eq(operatorActions.target, target))
          .orderBy(operatorActions.id)
      ).map(({ actor, action, detail }) => [actor, action, detail['failed']]);

    it('T25d has a row for every registration, rotation, ping and deletion, with who did it', async () => {
      const { id } = await bed.register();
      await bed.endpoints.rotate(id, 'cli:ana');
      await bed.endpoints.ping(id, 'ops');
      await bed.endpoints.delete(id, 'ops');
      const done = ['endpoints.register', 'endpoints.rotate', 'endpoints.ping', 'endpoints.delete'];
      expect((await rowsOf(id)).map(([, action]) => action)).toEqual(done);
      expect((await rowsOf(id)).slice(1).map(([actor]) => actor)).toEqual(['cli:ana', 'ops', 'ops']);
    });

    it('T25e has a row for what was done at the provider alone', async () => {
      const { endpoint } = provider.endpoints.newEndpoint('https://elsewhere.example/hook', []);
      await bed.endpoints.delete(`${FAKE}:${endpoint.remoteId}`, 'ops');
      expect(await rowsOf(`${FAKE}:${endpoint.remoteId}`)).toEqual([['ops', 'endpoints.delete', undefined]]);
    });

    it('T25f has a row for what failed, since the provider may have done it', async () => {
      await expect(bed.endpoints.rotate(`${FAKE}:nowhere`, 'ops')).rejects.toMatchObject({
        code: 'not_found',
      });
      expect(await rowsOf(`${FAKE}:nowhere`)).toEqual([['ops', 'endpoints.rotate', 'not_found']]);
    });
  });
});
