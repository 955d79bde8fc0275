import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { EndpointBed, FAKE_URL } from '../../../test/support/domain/endpoint.bed.js';
import {
  type FakeEndpointOptions,
  FakeEndpointProvider,
} from '../../../test/support/domain/fake.endpoint.provider.js';
import { FAKE } from '../../../test/support/domain/fake.provider.js';
import { migratedDatabase, type MigratedDatabase } from '../../../test/support/outbox/migrated.database.js';
import type { Database } from '../../database/database.js';

const REFUSED = { code: 'signature_invalid' };

describe('registering a webhook endpoint', () => {
  let home: MigratedDatabase;
  let database: Database;
  let bed: EndpointBed;
  let provider: FakeEndpointProvider;
  beforeAll(async () => {
    Logger.overrideLogger(false);
    home = await migratedDatabase();
    ({ database } = home);
  });
  afterAll(() => home.drop());
  const start = async (options: FakeEndpointOptions = {}): Promise<void> => {
    provider = new FakeEndpointProvider(options);
    bed = await EndpointBed.fresh(database, provider);
  };
  beforeEach(() => start());

  it('takes our own address and every event that is understood, and accepts what is signed from then on', async () => {
    await expect(bed.verify('whsec_stranger')).rejects.toMatchObject(REFUSED);
    const { endpoint, created } = await bed.endpoints.register({ provider: FAKE }, 'ops');
    expect(created).toBe(true);
    expect(endpoint).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      provider: FAKE,
      remoteId: provider.endpoints.present[0]?.remoteId,
      url: FAKE_URL,
      state: 'registered',
      active: true,
      livemode: false,
      events: ['payment.paid', 'payment.failed'],
      createdBy: 'ops',
      createdAt: expect.any(String),
      keys: [{ id: expect.any(String), remoteId: null, createdAt: expect.any(String), retiredAt: null }],
    });
    await expect(bed.verify(bed.signing[0])).resolves.toMatchObject({ provider: FAKE });
  });

  it('tells no key in any answer, and keeps none in clear', async () => {
    const answers = [
      await bed.register(),
      await bed.endpoints.list(),
      await bed.endpoints.rotate((await bed.register()).id, 'ops'),
    ];
    const rows = await bed.storedKeys();
    expect(rows).toHaveLength(2);
    expect(JSON.stringify(answers)).not.toContain('whsec_');
    for (const row of rows) expect(Buffer.from(row.value).toString('latin1')).not.toContain('whsec_');
  });

  it('a second time gives the one that is there', async () => {
    const first = await bed.register();
    const again = await bed.endpoints.register(
      { provider: FAKE, url: FAKE_URL.replace('https://pay.example', 'https://PAY.example:443') },
      'somebody else',
    );
    expect(again).toEqual({ endpoint: first, created: false });
    expect(provider.endpoints.present).toHaveLength(1);
  });

  it('of one URL by two processes at the same moment leaves one endpoint and one key', async () => {
    const other = new EndpointBed(database, provider);
    const [here, there] = await Promise.all([
      bed.endpoints.register({ provider: FAKE }, 'one'),
      other.endpoints.register({ provider: FAKE }, 'other'),
    ]);
    expect(here.endpoint.id).toBe(there.endpoint.id);
    expect([here.created, there.created].sort()).toEqual([false, true]);
    expect(provider.endpoints.present.map((one) => one.remoteId)).toEqual([here.endpoint.remoteId]);
    expect(bed.signing).toHaveLength(1);
  });

  it('with other events than before is refused, and names the endpoint', async () => {
    const { id } = await bed.register({ events: ['payment.paid'] });
    expect((await bed.register({ events: ['payment.paid', 'payment.paid'] })).id).toBe(id);
    await expect(bed.register({ events: ['payment.failed'] })).rejects.toMatchObject({
      code: 'endpoint_exists',
      message: expect.stringContaining(`delete ${id} first`),
      details: { provider: FAKE, id },
    });
  });

  it('where somebody else has registered is refused, and names that endpoint', async () => {
    const { endpoint } = provider.endpoints.newEndpoint(FAKE_URL);
    await expect(bed.register()).rejects.toMatchObject({
      code: 'endpoint_exists',
      message: expect.stringContaining(`rotate ${FAKE}:${endpoint.remoteId} `),
      details: { id: `${FAKE}:${endpoint.remoteId}` },
    });
    expect(provider.endpoints.calls).toEqual(['list']);
  });

  it('asks nothing of the provider that it would refuse', async () => {
    await start({ limit: 1 });
    await bed.register();
    await expect(bed.register({ url: `${FAKE_URL}/2` })).rejects.toMatchObject({
      code: 'endpoint_limit_reached',
    });
    await expect(bed.register({ url: `${FAKE_URL}/2`, events: ['order.flown'] })).rejects.toMatchObject({
      code: 'invalid_request',
    });
    expect(provider.endpoints.calls.filter((call) => call.startsWith('create'))).toEqual([
      `create ${FAKE_URL}`,
    ]);
  });

  it.each([
    ['a word', 'hook'],
    ['another protocol', 'ftp://pay.example/webhooks'],
    ['a password', 'https://user:secret@pay.example/webhooks'],
    ['a fragment', 'https://pay.example/webhooks#top'],
    ['two thousand characters', `https://pay.example/${'x'.repeat(2000)}`],
  ])('refuses %s for a URL, or in it', async (_what, url) => {
    await expect(bed.register({ url })).rejects.toMatchObject({
      code: 'invalid_request',
      details: [{ field: 'url', rule: expect.any(String) }],
    });
    expect(provider.endpoints.calls).toEqual([]);
  });

  it('of a provider that is not configured, or manages none, is not supported', async () => {
    await expect(bed.register({ provider: 'nobody' })).rejects.toMatchObject({
      code: 'capability_not_supported',
    });
  });

  it('makes nothing without ENCRYPTION_KEY where keys are secret', async () => {
    bed = new EndpointBed(database, provider, { key: undefined });
    await expect(bed.register()).rejects.toMatchObject({ code: 'encryption_key_missing' });
    expect(provider.endpoints.calls).toEqual([]);
  });

  it('needs no ENCRYPTION_KEY where keys are public', async () => {
    await start({ keysOf: 'account' });
    bed = new EndpointBed(database, provider, { key: undefined });
    await bed.register();
    await expect(bed.verify(bed.signing[0])).resolves.toBeDefined();
  });

  it('whose answer is lost says so, and that the operator has to look', async () => {
    provider.endpoints.answers = ['lost'];
    await expect(bed.register()).rejects.toMatchObject({
      code: 'unknown_outcome',
      message: expect.stringContaining('list the endpoints'),
      details: { provider: FAKE },
    });
    const [left] = await bed.endpoints.list();
    expect(left).toMatchObject({ state: 'foreign', id: `${FAKE}:${left?.remoteId}`, keys: [] });
    const rotated = await bed.endpoints.rotate(left?.id ?? '', 'ops');
    expect(rotated).toMatchObject({ state: 'registered', previousKeyEnded: true });
    await expect(bed.verify(bed.signing[0])).resolves.toBeDefined();
  });

  it('whose call never arrived can be repeated', async () => {
    provider.endpoints.answers = ['vanished'];
    await expect(bed.register()).rejects.toMatchObject({ code: 'unknown_outcome' });
    await expect(bed.register()).resolves.toMatchObject({ state: 'registered' });
  });

  it('that cannot be stored is taken back at the provider', async () => {
    const broken = new EndpointBed(database, provider);
    broken.store.insert = () => Promise.reject(new Error('the disk is full'));
    await expect(broken.endpoints.register({ provider: FAKE }, 'ops')).rejects.toThrow('the disk is full');
    expect([provider.endpoints.present, bed.signing]).toEqual([[], []]);
  });

  it('anew, after somebody deleted it at the provider, ends the key that it had', async () => {
    const lost = await bed.register();
    const [before] = bed.signing;
    provider.endpoints.present = [];
    provider.endpoints.signingKeys.clear();
    expect(await bed.endpoints.list()).toMatchObject([{ id: lost.id, state: 'lost', active: false }]);
    const found = await bed.register();
    expect(found.id).not.toBe(lost.id);
    await expect(bed.verify(bed.signing[0])).resolves.toBeDefined();
    await expect(bed.verify(before)).rejects.toMatchObject(REFUSED);
  });
});
