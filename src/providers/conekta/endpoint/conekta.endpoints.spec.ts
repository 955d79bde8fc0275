import { beforeEach, describe, expect, it } from '@jest/globals';
import { generateKeyPairSync } from 'node:crypto';
import { ServiceError } from '../../../kernel/errors.js';
import { type Json, jsonOf } from '../../json.read.js';
import type { Outcome } from '../../provider.calls.js';
import type { ConektaEndpointCalls, ConektaWrite } from '../conekta.client.js';
import { ConektaEndpoints } from './conekta.endpoints.js';
import { toProviderError, unusableAnswer } from '../conekta.errors.js';
import { EVENT_NAMES } from '../webhook/conekta.event.js';

const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const PEM = publicKey.export({ type: 'spki', format: 'pem' }).toString();
const URL = 'https://payments.example/webhooks/conekta';

/** Webhooks and keys in memory. */
class Account implements ConektaEndpointCalls {
  readonly kept: Record<string, Json[]> = { webhooks: [], webhook_keys: [] };
  readonly writes: string[] = [];
  lost: string | undefined;
  refused: string | undefined;
  unreadable = false;

  async write({ method, path, body }: ConektaWrite): Promise<Outcome<Json>> {
    this.writes.push(`${method} ${path}`);
    const [, collection = '', id, test] = path.split('/');
    if (`${method} ${path}` === this.refused) throw refusal(422);
    const list = this.kept[collection] ?? [];
    if (id !== undefined && !list.some((one) => one.id === id)) throw refusal(404);
    if (method === 'DELETE') this.kept[collection] = list.filter((one) => one.id !== id);
    if (method === 'POST' && test === undefined)
      list.unshift(made(collection, jsonOf(body), this.writes.length));
    if (`${method} ${path}` === this.lost)
      return Promise.resolve({ known: false, error: unusableAnswer('TIMEOUT') });
    return Promise.resolve({ known: true, value: jsonOf(list[0]) });
  }

  async page(path: string, next: string | undefined): Promise<Json> {
    if (this.unreadable) throw unusableAnswer('TIMEOUT');
    const all = this.kept[path.slice(1)] ?? [];
    const at = Number(next ?? 0);
    const more = at + 1 < all.length;
    const next_page_url = more ? `https://api.conekta.io${path}?next=${at + 1}` : null;
    return Promise.resolve({ object: 'list', has_more: more, next_page_url, data: all.slice(at, at + 1) });
  }
}

function made(collection: string, body: Json, at: number): Json {
  const common = { livemode: false, active: true, created_at: at };
  return collection === 'webhooks'
    ? { ...common, id: `hook-${at}`, object: 'webhook', ...body }
    : { ...common, id: `key-${at}`, object: 'webhook_key', public_key: PEM.replaceAll('\n', '\\n') };
}

function refusal(status: number): Error {
  return toProviderError({ status, body: { object: 'error' }, retryAfter: undefined });
}

function faultOf(work: () => void): unknown {
  try {
    work();
  } catch (error) {
    if (error instanceof ServiceError) return { code: error.code, details: error.details };
    throw error;
  }
  return undefined;
}

describe('webhook endpoints at Conekta', () => {
  let account: Account;
  let endpoints: ConektaEndpoints;
  const create = () => endpoints.create(URL, ['order.paid']);
  const idsOf = (collection: string): unknown[] => (account.kept[collection] ?? []).map(({ id }) => id);

  beforeEach(() => {
    account = new Account();
    endpoints = new ConektaEndpoints(account, { livemode: false, publicOnly: true });
  });

  it('are made with a key of their own, whose public half is known', async () => {
    expect(await create()).toEqual({
      known: true,
      value: {
        endpoint: { remoteId: 'hook-2', url: URL, events: ['order.paid'], active: true, livemode: false },
        key: { remoteId: 'key-1', value: PEM, secret: false },
      },
    });
    expect(account.writes).toEqual(['POST /webhook_keys', 'POST /webhooks']);
  });

  it('are made for every event when none is named', async () => {
    await endpoints.create(URL, []);
    expect(account.kept.webhooks?.[0]).not.toHaveProperty('subscribed_events');
  });

  it('are found by their URL, and not made twice, when the answer is lost', async () => {
    account.lost = 'POST /webhooks';
    expect(await create()).toMatchObject({ known: true, value: { endpoint: { remoteId: 'hook-2' } } });
    expect(idsOf('webhooks')).toEqual(['hook-2']);
  });

  it('have the key that was made when its answer was lost: Conekta signs with it', async () => {
    await endpoints.create('https://payments.example/other', []);
    account.lost = 'POST /webhook_keys';
    expect(await create()).toMatchObject({ known: true, value: { key: { remoteId: 'key-3' } } });
    expect(idsOf('webhook_keys')).toEqual(['key-3', 'key-1']);
  });

  it('leave no key behind when the webhook is refused', async () => {
    account.refused = 'POST /webhooks';
    await expect(create()).rejects.toMatchObject({ kind: 'invalid_request' });
    expect(idsOf('webhook_keys')).toEqual([]);
  });

  it('leave no key behind when nobody knows of a webhook', async () => {
    account.write = new Proxy(account.write, {
      apply: async (write, self, [given]: [ConektaWrite]) => {
        if (given.path === '/webhooks') return { known: false, error: unusableAnswer('TIMEOUT') };
        return write.call(self, given);
      },
    });
    expect(await create()).toMatchObject({ known: false });
    expect(idsOf('webhook_keys')).toEqual([]);
  });

  it('tell what stood in the way, also when the key stays', async () => {
    account.refused = 'POST /webhooks';
    const write = account.write.bind(account);
    account.write = (given) =>
      given.method === 'DELETE' ? Promise.reject(unusableAnswer('TIMEOUT')) : write(given);
    await expect(create()).rejects.toMatchObject({ kind: 'invalid_request' });
  });

  it('are not begun where the keys cannot be listed', async () => {
    account.unreadable = true;
    await expect(create()).rejects.toMatchObject({ kind: 'unavailable' });
    expect(account.writes).toEqual([]);
  });

  it('are listed over all pages, without what is no webhook', async () => {
    for (const path of ['a', 'b', 'c']) await endpoints.create(`https://payments.example/${path}`, []);
    account.kept.webhooks?.push({ object: 'event', id: 'x', url: URL });
    expect((await endpoints.list()).map(({ url }) => url.slice(-1))).toEqual(['c', 'b', 'a']);
  });

  it('get another key, and lose the old one later', async () => {
    const first = await create();
    if (!first.known) throw first.error;
    const second = await endpoints.rotateKey(first.value.endpoint);
    expect(second).toMatchObject({
      known: true,
      value: { endpoint: first.value.endpoint, key: { remoteId: 'key-3', value: PEM } },
    });
    expect(await endpoints.retireKey(first.value)).toEqual({ known: true, value: undefined });
    expect(idsOf('webhook_keys')).toEqual(['key-3']);
    expect(await endpoints.retireKey(first.value)).toEqual({ known: true, value: undefined });
  });

  it('lose a key that is known by its text only', async () => {
    const made = await create();
    if (!made.known) throw made.error;
    const { endpoint, key } = made.value;
    const before = { endpoint, key: { value: key.value, secret: false } };
    expect(await endpoints.retireKey(before)).toMatchObject({ known: true });
    expect(idsOf('webhook_keys')).toEqual([]);
  });

  it('are pinged, and deleted once or twice', async () => {
    await create();
    expect(await endpoints.ping('hook-2')).toEqual({ known: true, value: undefined });
    await expect(endpoints.ping('hook-9')).rejects.toMatchObject({ kind: 'not_found' });
    expect(await endpoints.delete('hook-2')).toEqual({ known: true, value: undefined });
    expect(await endpoints.delete('hook-2')).toEqual({ known: true, value: undefined });
    expect(account.writes).toContain('POST /webhooks/hook-2/test');
    expect(idsOf('webhooks')).toEqual([]);
  });

  it('are at most ten of a mode', () => {
    const ten = Array.from({ length: 10 }, (_, at) => ({
      remoteId: `hook-${at}`,
      url: `https://payments.example/${at}`,
      events: [],
      active: true,
      livemode: false,
    }));
    expect(faultOf(() => endpoints.check(URL, [], ten))).toMatchObject({
      code: 'endpoint_limit_reached',
      details: { provider: 'conekta', limit: 10 },
    });
    expect(faultOf(() => endpoints.check(URL, [], ten.slice(1)))).toBeUndefined();
    const live = ten.map((endpoint) => ({ ...endpoint, livemode: true }));
    expect(faultOf(() => endpoints.check(URL, [], live))).toBeUndefined();
  });

  it.each([
    'ftp://payments.example',
    'payments.example',
    'http://localhost:3003/',
    'https://127.0.0.1/',
    'https://shop.example/?from=localhost',
  ])('are not at %s', (url) => {
    expect(faultOf(() => endpoints.check(url, [], []))).toMatchObject({
      code: 'invalid_request',
      details: [{ field: 'url' }],
    });
  });

  it('are on this machine at a stand-in', () => {
    const atStandIn = new ConektaEndpoints(account, { livemode: false, publicOnly: false });
    expect(faultOf(() => atStandIn.check('http://127.0.0.1:3003/', [], []))).toBeUndefined();
  });

  it('are for events that Conekta has', () => {
    expect(faultOf(() => endpoints.check(URL, ['order.paid', 'order.payed'], []))).toMatchObject({
      code: 'invalid_request',
      details: [{ field: 'events[1]' }],
    });
    expect(faultOf(() => endpoints.check(URL, endpoints.events, []))).toBeUndefined();
    expect(endpoints.events).toEqual(expect.arrayContaining(['order.paid', 'charge.chargeback.lost']));
    expect(endpoints.events).not.toContain('payout.created');
    expect(EVENT_NAMES.size).toBe(67);
  });
});
