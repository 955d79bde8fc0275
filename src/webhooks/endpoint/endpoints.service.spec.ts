import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { sql } from 'drizzle-orm';
import { EndpointBed } from '../../../test/support/domain/endpoint.bed.js';
import { fakeDelivery, FakeEndpointProvider } from '../../../test/support/domain/fake.endpoint.provider.js';
import { FAKE } from '../../../test/support/domain/fake.provider.js';
import { EmbeddedDatabase } from '../../database/embedded.database.js';
import { migrate } from '../../database/migrate.js';
import { webhookEndpoints, webhookKeys } from './endpoint.tables.js';

const URL = 'https://pay.example/webhooks/fake';
const WISH = { provider: FAKE };

describe('the registration of webhook endpoints', () => {
  let database: EmbeddedDatabase;
  let bed: EndpointBed;
  let provider: FakeEndpointProvider;
  beforeAll(async () => {
    database = await EmbeddedDatabase.open('memory://');
    await migrate(database);
  });
  afterAll(() => database.close());
  beforeEach(async () => {
    await database.db.delete(webhookKeys);
    await database.db.delete(webhookEndpoints);
    start(new FakeEndpointProvider());
    await bed.clock.advance(0);
  });

  const start = (fake: FakeEndpointProvider): void => {
    provider = fake;
    bed = new EndpointBed(database, provider);
  };
  const register = async (wish = {}) => (await bed.endpoints.register({ ...WISH, ...wish }, 'ops')).endpoint;
  const verify = (key: string | undefined) => bed.verifier.verify(provider, fakeDelivery(key ?? ''));
  const refused = { code: 'signature_invalid' };
  /** Keys that the provider signs with now. */
  const signing = () => [...provider.signingKeys.values()];
  const storedKeys = () => database.db.select().from(webhookKeys);

  describe('registering', () => {
    it('takes our own address and every event that is understood, and accepts what is signed from then on', async () => {
      await expect(verify('whsec_stranger')).rejects.toMatchObject(refused);
      const { endpoint, created } = await bed.endpoints.register(WISH, 'ops');
      expect(created).toBe(true);
      expect(endpoint).toEqual({
        id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        provider: FAKE,
        remoteId: provider.endpoints[0]?.remoteId,
        url: URL,
        state: 'registered',
        active: true,
        livemode: false,
        events: ['payment.paid', 'payment.failed'],
        createdBy: 'ops',
        createdAt: expect.any(String),
        keys: [{ id: expect.any(String), remoteId: null, createdAt: expect.any(String), retiredAt: null }],
      });
      await expect(verify(signing()[0])).resolves.toMatchObject({ provider: FAKE });
    });

    it('tells no key in any answer, and keeps none in clear', async () => {
      const answers = [
        await register(),
        await bed.endpoints.list(),
        await bed.endpoints.rotate((await register()).id, 'ops'),
      ];
      const rows = await storedKeys();
      expect(rows).toHaveLength(2);
      expect(JSON.stringify(answers)).not.toContain('whsec_');
      for (const row of rows) expect(Buffer.from(row.value).toString('latin1')).not.toContain('whsec_');
    });

    it('a second time gives the one that is there', async () => {
      const first = await register();
      const again = await bed.endpoints.register({ ...WISH, url: `${URL}#`.slice(0, -1) }, 'somebody else');
      expect(again).toEqual({ endpoint: first, created: false });
      expect(provider.endpoints).toHaveLength(1);
    });

    it('of one URL by two processes at the same moment leaves one endpoint and one key', async () => {
      const other = new EndpointBed(database, provider);
      const [here, there] = await Promise.all([
        bed.endpoints.register(WISH, 'one'),
        other.endpoints.register(WISH, 'other'),
      ]);
      expect(here.endpoint.id).toBe(there.endpoint.id);
      expect([here.created, there.created].sort()).toEqual([false, true]);
      expect(provider.endpoints.map((one) => one.remoteId)).toEqual([here.endpoint.remoteId]);
      expect(signing()).toHaveLength(1);
    });

    it('with other events than before is refused, and names the endpoint', async () => {
      const { id } = await register({ events: ['payment.paid'] });
      expect((await register({ events: ['payment.paid', 'payment.paid'] })).id).toBe(id);
      await expect(register({ events: ['payment.failed'] })).rejects.toMatchObject({
        code: 'endpoint_exists',
        details: { provider: FAKE, id },
      });
    });

    it('where somebody else has registered is refused, and names that endpoint', async () => {
      const { endpoint } = provider.newEndpoint(URL);
      await expect(register()).rejects.toMatchObject({
        code: 'endpoint_exists',
        details: { id: `${FAKE}:${endpoint.remoteId}` },
      });
      expect(provider.endpointCalls).toEqual(['list']);
    });

    it('asks nothing of the provider that it would refuse', async () => {
      start(new FakeEndpointProvider({ limit: 1 }));
      await register();
      await expect(register({ url: `${URL}/2` })).rejects.toMatchObject({ code: 'endpoint_limit_reached' });
      await expect(register({ url: `${URL}/2`, events: ['order.flown'] })).rejects.toMatchObject({
        code: 'invalid_request',
      });
      expect(provider.endpointCalls.filter((call) => call.startsWith('create'))).toEqual([`create ${URL}`]);
    });

    it.each([
      'not a url',
      'ftp://pay.example/webhooks',
      'https://user:secret@pay.example/webhooks',
      'https://pay.example/webhooks#top',
      `https://pay.example/${'x'.repeat(2000)}`,
    ])('refuses %j for a URL', async (url) => {
      await expect(register({ url })).rejects.toMatchObject({
        code: 'invalid_request',
        details: [{ field: 'url', rule: expect.any(String) }],
      });
      expect(provider.endpointCalls).toEqual([]);
    });

    it('of a provider that is not configured, or manages none, is not supported', async () => {
      await expect(register({ provider: 'nobody' })).rejects.toMatchObject({
        code: 'capability_not_supported',
      });
    });

    it('makes nothing without ENCRYPTION_KEY where keys are secret', async () => {
      bed = new EndpointBed(database, provider, { key: undefined });
      await expect(register()).rejects.toMatchObject({ code: 'encryption_key_missing' });
      expect(provider.endpointCalls).toEqual([]);
    });

    it('needs no ENCRYPTION_KEY where keys are public', async () => {
      start(new FakeEndpointProvider({ keysOf: 'account' }));
      bed = new EndpointBed(database, provider, { key: undefined });
      await register();
      await expect(verify(signing()[0])).resolves.toBeDefined();
    });

    it('whose answer is lost says so, and that the operator has to look', async () => {
      provider.endpointAnswers = ['lost'];
      await expect(register()).rejects.toMatchObject({
        code: 'unknown_outcome',
        message: expect.stringContaining('list the endpoints'),
        details: { provider: FAKE },
      });
      const [left] = await bed.endpoints.list();
      expect(left).toMatchObject({ state: 'foreign', id: `${FAKE}:${left?.remoteId}`, keys: [] });
      const rotated = await bed.endpoints.rotate(left?.id ?? '', 'ops');
      expect(rotated).toMatchObject({ state: 'registered', previousKeyEnded: true });
      await expect(verify(signing()[0])).resolves.toBeDefined();
    });

    it('whose call never arrived can be repeated', async () => {
      provider.endpointAnswers = ['vanished'];
      await expect(register()).rejects.toMatchObject({ code: 'unknown_outcome' });
      await expect(register()).resolves.toMatchObject({ state: 'registered' });
    });

    it('that cannot be stored is taken back at the provider', async () => {
      const broken = new EndpointBed(database, provider);
      broken.store.insert = () => Promise.reject(new Error('the disk is full'));
      await expect(broken.endpoints.register(WISH, 'ops')).rejects.toThrow('the disk is full');
      expect([provider.endpoints, signing()]).toEqual([[], []]);
    });

    it('anew, after somebody deleted it at the provider, ends the key that it had', async () => {
      const lost = await register();
      const [before] = signing();
      provider.endpoints = [];
      provider.signingKeys.clear();
      expect(await bed.endpoints.list()).toMatchObject([{ id: lost.id, state: 'lost', active: false }]);
      const found = await register();
      expect(found.id).not.toBe(lost.id);
      await expect(verify(signing()[0])).resolves.toBeDefined();
      await expect(verify(before)).rejects.toMatchObject(refused);
    });
  });

  describe('the list', () => {
    it('shows what is ours, what is lost, and what exists at the provider only', async () => {
      const ours = await register();
      const lost = await register({ url: `${URL}/lost` });
      provider.endpoints = provider.endpoints.filter((one) => one.remoteId !== lost.remoteId);
      const { endpoint } = provider.newEndpoint('https://elsewhere.example/hook', []);
      const list = await bed.endpoints.list(FAKE);
      expect(list.map(({ id, state, url }) => ({ id, state, url }))).toEqual([
        { id: ours.id, state: 'registered', url: URL },
        { id: lost.id, state: 'lost', url: `${URL}/lost` },
        { id: `${FAKE}:${endpoint.remoteId}`, state: 'foreign', url: 'https://elsewhere.example/hook' },
      ]);
      expect(await bed.endpoints.list()).toEqual(list);
    });
  });

  describe.each(['endpoint', 'account'] as const)('rotating, where keys are per %s', (keysOf) => {
    beforeEach(() => start(new FakeEndpointProvider({ keysOf })));

    it('accepts the new key at once and the old one for a day more', async () => {
      const { id } = await register();
      const [old] = signing();
      const rotated = await bed.endpoints.rotate(id, 'ops');
      const fresh = signing();
      expect(fresh).toHaveLength(1);
      expect(fresh).not.toContain(old);
      expect(rotated).toMatchObject({ id, state: 'registered', previousKeyEnded: true });
      expect(rotated.keys.map((key) => key.retiredAt === null)).toEqual([false, true]);
      expect(provider.endpoints.map((one) => one.remoteId)).toEqual([rotated.remoteId]);
      for (const key of [old, fresh[0]]) await expect(verify(key)).resolves.toBeDefined();
      await bed.clock.advance(23 * 3600);
      await expect(verify(old)).resolves.toBeDefined();
      await bed.clock.advance(3600);
      await expect(verify(old)).rejects.toMatchObject(refused);
      await expect(verify(fresh[0])).resolves.toBeDefined();
    });

    it('keeps the new key before it ends the old one', async () => {
      const { id } = await register();
      const seen: number[] = [];
      provider.meanwhileChanging = async () => {
        const ends = provider.endpointCalls.at(-1)?.startsWith('retire') === true;
        if (ends) seen.push((await storedKeys()).length);
      };
      await bed.endpoints.rotate(id, 'ops');
      expect(seen).toEqual([2]);
    });

    it('goes on accepting the old key when the provider did not end it, and ends it the next time', async () => {
      const { id } = await register();
      const [old] = signing();
      provider.endpointAnswers = ['ok', 'unavailable'];
      expect(await bed.endpoints.rotate(id, 'ops')).toMatchObject({ previousKeyEnded: false });
      await bed.clock.advance(3 * 86_400);
      await expect(verify(old)).resolves.toBeDefined();
      expect(await bed.endpoints.rotate(id, 'ops')).toMatchObject({ previousKeyEnded: true });
      expect(signing()).toHaveLength(1);
      expect(provider.endpoints).toHaveLength(1);
      await bed.clock.advance(86_401);
      await expect(verify(old)).rejects.toMatchObject(refused);
    });

    it('by two at the same moment lets one of them win, and leaves a key that works', async () => {
      const { id } = await register();
      const outcomes = await Promise.allSettled([
        bed.endpoints.rotate(id, 'one'),
        new EndpointBed(database, provider).endpoints.rotate(id, 'other'),
      ]);
      expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
      expect(outcomes.find(({ status }) => status === 'rejected')).toMatchObject({
        reason: { code: 'operation_in_doubt' },
      });
      expect(signing()).toHaveLength(1);
      await expect(verify(signing()[0])).resolves.toBeDefined();
    });

    it('whose answer is lost changes nothing here', async () => {
      const { id } = await register();
      const [old] = signing();
      provider.endpointAnswers = ['lost'];
      await expect(bed.endpoints.rotate(id, 'ops')).rejects.toMatchObject({ code: 'unknown_outcome' });
      await expect(verify(old)).resolves.toBeDefined();
    });

    it('goes on without the ENCRYPTION_KEY that sealed the old one', async () => {
      const { id } = await register();
      const other = new EndpointBed(database, provider);
      expect(await other.endpoints.rotate(id, 'ops')).toMatchObject({ previousKeyEnded: true });
      await expect(other.verifier.verify(provider, fakeDelivery(signing()[0] ?? ''))).resolves.toBeDefined();
    });
  });

  describe.each(['endpoint', 'account'] as const)('deleting, where keys are per %s', (keysOf) => {
    beforeEach(() => start(new FakeEndpointProvider({ keysOf })));

    it('ends the endpoint and all of its keys, at the provider and here', async () => {
      const { id } = await register();
      const [old] = signing();
      await bed.endpoints.rotate(id, 'ops');
      const [current] = signing();
      expect(await bed.endpoints.delete(id, 'ops')).toEqual({ id, deleted: true });
      expect([provider.endpoints, signing()]).toEqual([[], []]);
      for (const key of [old, current]) await expect(verify(key)).rejects.toMatchObject(refused);
      expect(await bed.endpoints.list()).toEqual([]);
      await expect(bed.endpoints.delete(id, 'ops')).rejects.toMatchObject({ code: 'not_found' });
    });

    it('that fails on its way can be repeated, and the key is accepted until then', async () => {
      const { id } = await register();
      const [key] = signing();
      for (const answer of ['unavailable', 'vanished'] as const) {
        provider.endpointAnswers = [answer];
        await expect(bed.endpoints.delete(id, 'ops')).rejects.toThrow();
        await expect(verify(key)).resolves.toBeDefined();
      }
      provider.endpointAnswers = ['lost'];
      await expect(bed.endpoints.delete(id, 'ops')).rejects.toMatchObject({ code: 'unknown_outcome' });
      await expect(verify(key)).resolves.toBeDefined();
      await bed.endpoints.delete(id, 'ops');
      await expect(verify(key)).rejects.toMatchObject(refused);
      expect(signing()).toEqual([]);
    });

    it('works on one that somebody else registered', async () => {
      const { endpoint } = provider.newEndpoint('https://elsewhere.example/hook');
      const id = `${FAKE}:${endpoint.remoteId}`;
      await bed.endpoints.delete(id, 'ops');
      expect(provider.endpoints).toEqual([]);
    });

    it('and registering again makes a new one', async () => {
      const { id } = await register();
      await bed.endpoints.delete(id, 'ops');
      const again = await register();
      expect(again.id).not.toBe(id);
      await expect(verify(signing()[0])).resolves.toBeDefined();
    });
  });

  it('takes over an endpoint whose keys belong to the account, and leaves the endpoint', async () => {
    start(new FakeEndpointProvider({ keysOf: 'account' }));
    const { endpoint } = provider.newEndpoint(URL);
    const taken = await bed.endpoints.rotate(`${FAKE}:${endpoint.remoteId}`, 'ops');
    expect(taken).toMatchObject({
      remoteId: endpoint.remoteId,
      state: 'registered',
      previousKeyEnded: false,
    });
    await expect(verify(signing().at(-1))).resolves.toBeDefined();
  });

  it('leaves the endpoint where it was when it cannot store what it took over', async () => {
    start(new FakeEndpointProvider({ keysOf: 'account' }));
    const { endpoint } = provider.newEndpoint(URL);
    bed.store.insert = () => Promise.reject(new Error('the disk is full'));
    await expect(bed.endpoints.rotate(`${FAKE}:${endpoint.remoteId}`, 'ops')).rejects.toThrow(
      'the disk is full',
    );
    expect(provider.endpoints).toHaveLength(1);
    expect(signing()).toHaveLength(1);
  });

  it('pings by our id and by the provider’s', async () => {
    const { id, remoteId } = await register();
    expect(await bed.endpoints.ping(id)).toEqual({ id, pinged: true });
    await bed.endpoints.ping(`${FAKE}:${remoteId}`);
    expect(provider.endpointCalls.filter((call) => call === `ping ${remoteId}`)).toHaveLength(2);
    provider.endpointAnswers = ['vanished'];
    await expect(bed.endpoints.ping(id)).rejects.toMatchObject({ code: 'unknown_outcome' });
  });

  it.each(['nothing', 'fake:we_none', 'nobody:we_1', '0194a0de-0000-7000-8000-000000000001', 'fake:'])(
    'finds no endpoint %j',
    async (id) => {
      await register();
      const works = [
        bed.endpoints.ping(id),
        bed.endpoints.rotate(id, 'ops'),
        bed.endpoints.delete(id, 'ops'),
      ];
      for (const work of works) await expect(work).rejects.toMatchObject({ code: 'not_found' });
    },
  );

  describe('the check at the start', () => {
    const faults = { faults: [expect.stringContaining('the webhook key of fake is missing')] };

    it('fails while nothing can be verified, and no longer once an endpoint is registered', async () => {
      await expect(bed.check.onModuleInit()).rejects.toMatchObject(faults);
      await register();
      await bed.check.onModuleInit();
      await bed.endpoints.delete((await register()).id, 'ops');
      await expect(bed.check.onModuleInit()).rejects.toMatchObject(faults);
    });

    it('passes with a key in the environment', async () => {
      start(new FakeEndpointProvider({ environmentKeys: ['whsec_of_the_environment'] }));
      await bed.check.onModuleInit();
    });

    it('does not count a key that cannot be opened', async () => {
      await register();
      await expect(new EndpointBed(database, provider).check.onModuleInit()).rejects.toMatchObject(faults);
    });

    it('does not count a key of the other mode', async () => {
      await register();
      await database.db.execute(sql`update webhook_endpoints set livemode = true`);
      await expect(bed.check.onModuleInit()).rejects.toMatchObject(faults);
    });
  });
});
