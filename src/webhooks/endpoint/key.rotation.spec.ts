import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { EndpointBed, FAKE_URL } from '../../../test/support/domain/endpoint.bed.js';
import {
  fakeDelivery,
  type FakeEndpointOptions,
  FakeEndpointProvider,
} from '../../../test/support/domain/fake.endpoint.provider.js';
import { FAKE } from '../../../test/support/domain/fake.provider.js';
import { migratedDatabase, type MigratedDatabase } from '../../../test/support/outbox/migrated.database.js';

const REFUSED = { code: 'signature_invalid' };

describe('rotating the key of a webhook endpoint', () => {
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

  describe.each(['endpoint', 'account'] as const)('rotating, where keys are per %s', (keysOf) => {
    beforeEach(() => start({ keysOf }));

    it('accepts the new key at once and the old one for a day more', async () => {
      const { id } = await bed.register();
      const [old] = bed.signing;
      const rotated = await bed.endpoints.rotate(id, 'ops');
      const fresh = bed.signing;
      expect(fresh).toHaveLength(1);
      expect(fresh).not.toContain(old);
      expect(rotated).toMatchObject({ id, state: 'registered', previousKeyEnded: true });
      expect(rotated.keys.map((key) => key.retiredAt === null)).toEqual([false, true]);
      expect(provider.endpoints.present.map((one) => one.remoteId)).toEqual([rotated.remoteId]);
      for (const key of [old, fresh[0]]) await expect(bed.verify(key)).resolves.toBeDefined();
      await bed.clock.advance(23 * 3600);
      await expect(bed.verify(old)).resolves.toBeDefined();
      await bed.clock.advance(3600);
      await expect(bed.verify(old)).rejects.toMatchObject(REFUSED);
      await expect(bed.verify(fresh[0])).resolves.toBeDefined();
    });

    it('keeps the new key before it ends the old one', async () => {
      const { id } = await bed.register();
      const seen: number[] = [];
      provider.endpoints.meanwhile = async () => {
        const ends = provider.endpoints.calls.at(-1)?.startsWith('retire') === true;
        if (ends) seen.push((await bed.storedKeys()).length);
      };
      await bed.endpoints.rotate(id, 'ops');
      expect(seen).toEqual([2]);
    });

    it('goes on accepting the old key when the provider did not end it, and ends it the next time', async () => {
      const { id } = await bed.register();
      const [old] = bed.signing;
      provider.endpoints.answers = ['ok', 'unavailable'];
      expect(await bed.endpoints.rotate(id, 'ops')).toMatchObject({ previousKeyEnded: false });
      await bed.clock.advance(3 * 86_400);
      await expect(bed.verify(old)).resolves.toBeDefined();
      expect(await bed.endpoints.rotate(id, 'ops')).toMatchObject({ previousKeyEnded: true });
      expect(bed.signing).toHaveLength(1);
      expect(provider.endpoints.present).toHaveLength(1);
      await bed.clock.advance(86_401);
      await expect(bed.verify(old)).rejects.toMatchObject(REFUSED);
    });

    it('by two at the same moment lets one of them win, and leaves a key that works', async () => {
      const { id } = await bed.register();
      const other = new EndpointBed(database, provider);
      // Neither gets its answer before both have asked.
      let asked = 0;
      let letGo = (): void => undefined;
      const bothAsked = new Promise<void>((resolve) => {
        letGo = resolve;
      });
      provider.endpoints.meanwhile = () => {
        asked += 1;
        if (asked === 2) letGo();
        return bothAsked;
      };
      const outcomes = await Promise.allSettled([
        bed.endpoints.rotate(id, 'one'),
        other.endpoints.rotate(id, 'other'),
      ]);
      expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
      expect(outcomes.find(({ status }) => status === 'rejected')).toMatchObject({
        reason: { code: 'operation_in_doubt' },
      });
      expect(bed.signing).toHaveLength(1);
      // Each has an ENCRYPTION_KEY of its own here: the winner can open what it sealed.
      const winner = outcomes[0]?.status === 'fulfilled' ? bed : other;
      await expect(winner.verify(bed.signing[0])).resolves.toBeDefined();
    });

    it('whose answer is lost changes nothing here', async () => {
      const { id } = await bed.register();
      const [old] = bed.signing;
      provider.endpoints.answers = ['lost'];
      await expect(bed.endpoints.rotate(id, 'ops')).rejects.toMatchObject({ code: 'unknown_outcome' });
      await expect(bed.verify(old)).resolves.toBeDefined();
    });

    it('goes on without the ENCRYPTION_KEY that sealed the old one', async () => {
      const { id } = await bed.register();
      const other = new EndpointBed(database, provider);
      expect(await other.endpoints.rotate(id, 'ops')).toMatchObject({ previousKeyEnded: true });
      await expect(other.keys.verify(provider, fakeDelivery(bed.signing[0] ?? ''))).resolves.toBeDefined();
    });
  });

  it('takes over an endpoint whose keys belong to the account, and leaves the endpoint', async () => {
    await start({ keysOf: 'account' });
    const { endpoint } = provider.endpoints.newEndpoint(FAKE_URL);
    const taken = await bed.endpoints.rotate(`${FAKE}:${endpoint.remoteId}`, 'ops');
    expect(taken).toMatchObject({
      remoteId: endpoint.remoteId,
      state: 'registered',
      previousKeyEnded: false,
    });
    await expect(bed.verify(bed.signing.at(-1))).resolves.toBeDefined();
  });

  it('leaves the endpoint where it was when it cannot store what it took over', async () => {
    await start({ keysOf: 'account' });
    const { endpoint } = provider.endpoints.newEndpoint(FAKE_URL);
    bed.store.insert = () => Promise.reject(new Error('the disk is full'));
    await expect(bed.endpoints.rotate(`${FAKE}:${endpoint.remoteId}`, 'ops')).rejects.toThrow(
      'the disk is full',
    );
    expect(provider.endpoints.present).toHaveLength(1);
    expect(bed.signing).toHaveLength(1);
  });
});
