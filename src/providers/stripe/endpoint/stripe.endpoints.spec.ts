import { describe, expect, it } from '@jest/globals';
import { ServiceError } from '../../../kernel/errors.js';
import { type Json, jsonOf } from '../../json.read.js';
import type { Outcome } from '../../provider.calls.js';
import { ProviderError } from '../../provider.errors.js';
import type { RemoteEndpoint } from '../../webhook.ports.js';
import { CONFIRMED_EVENTS } from '../webhook/stripe.confirm.js';
import { type StripeEndpointCalls, StripeEndpoints } from './stripe.endpoints.js';
import { TRANSLATED_EVENTS } from '../webhook/stripe.webhook.facts.js';

const URL = 'https://pay.shop.example/webhooks/stripe';
const TEST = { livemode: false, publicOnly: true };
const LOST: Outcome<unknown> = { known: false, error: new Error('no answer') };

/** Keeps endpoints as Stripe does; `losses` answers to a creation are lost. */
class FakeStripe implements StripeEndpointCalls {
  kept: Json[] = [];
  readonly keys: string[] = [];
  listed = 0;

  constructor(
    private losses = 0,
    private readonly broken: { list?: boolean; delete?: boolean } = {},
  ) {}

  async post(_path: string, params: Json, key: string): Promise<Outcome<unknown>> {
    this.keys.push(key);
    const id = `we_${this.keys.length}`;
    const made = { id, object: 'webhook_endpoint', status: 'enabled', livemode: false, ...params };
    this.kept.push(made);
    if (this.losses === 0) return { known: true, value: { ...made, secret: `whsec_${id}` } };
    this.losses -= 1;
    return LOST;
  }

  async delete(path: string): Promise<Outcome<unknown>> {
    if (this.broken.delete === true) return LOST;
    const id = path.split('/').at(-1);
    if (!this.kept.some((one) => one.id === id)) {
      throw new ProviderError('not_found', 'not there', { provider: 'stripe' });
    }
    this.kept = this.kept.filter((one) => one.id !== id);
    return { known: true, value: { id, deleted: true } };
  }

  async endpoints(): Promise<unknown[]> {
    this.listed += 1;
    if (this.broken.list === true)
      throw new ProviderError('unavailable', 'no answer', { provider: 'stripe' });
    return this.kept;
  }
}

function remote(changes: Partial<RemoteEndpoint> = {}): RemoteEndpoint {
  return { remoteId: 'we_0', url: URL, events: ['charge.failed'], active: true, livemode: false, ...changes };
}

function refusalOf(act: () => unknown): ServiceError {
  try {
    act();
  } catch (error) {
    if (error instanceof ServiceError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('making an endpoint', () => {
  it('keeps the secret, which is told once', async () => {
    const stripe = new FakeStripe();
    const outcome = await new StripeEndpoints(stripe, TEST).create(URL, ['charge.failed']);
    expect(outcome).toEqual({
      known: true,
      value: {
        endpoint: remote({ remoteId: 'we_1' }),
        key: { value: 'whsec_we_1', secret: true },
      },
    });
    expect(stripe.kept[0]).toMatchObject({ api_version: expect.stringMatching(/^\d{4}-\d{2}-\d{2}/) });
  });

  it('asks for every event where none is named, and tells it the same way', async () => {
    const stripe = new FakeStripe();
    const endpoints = new StripeEndpoints(stripe, TEST);
    await endpoints.create(URL, []);
    expect(stripe.kept[0]).toMatchObject({ enabled_events: ['*'] });
    expect(await endpoints.list()).toMatchObject([{ events: [] }]);
  });

  it('deletes the one whose secret was lost, and no other, and makes another', async () => {
    const stripe = new FakeStripe(1);
    stripe.kept.push({
      id: 'we_old',
      object: 'webhook_endpoint',
      url: URL,
      metadata: { registration: 'old' },
    });
    const outcome = await new StripeEndpoints(stripe, TEST).create(URL, []);
    expect(outcome).toMatchObject({ known: true, value: { key: { value: 'whsec_we_2' } } });
    expect(stripe.kept.map(({ id }) => id)).toEqual(['we_old', 'we_2']);
    expect(new Set(stripe.keys).size).toBe(2);
  });

  it('leaves nothing behind when every answer is lost', async () => {
    const stripe = new FakeStripe(9);
    const outcome = await new StripeEndpoints(stripe, TEST).create(URL, []);
    expect(outcome).toMatchObject({ known: false });
    expect(stripe.keys).toHaveLength(2);
    expect(stripe.kept).toEqual([]);
  });

  it.each(['list', 'delete'] as const)(
    'makes no second one when the first cannot be removed by %s',
    async (call) => {
      const stripe = new FakeStripe(1, { [call]: true });
      expect(await new StripeEndpoints(stripe, TEST).create(URL, [])).toMatchObject({ known: false });
      expect(stripe.keys).toHaveLength(1);
    },
  );

  it('does not take an answer without a secret for an endpoint', async () => {
    const stripe = new FakeStripe();
    stripe.post = async () => ({ known: true, value: { object: 'webhook_endpoint', id: 'we_1', url: URL } });
    expect(await new StripeEndpoints(stripe, TEST).create(URL, [])).toMatchObject({ known: false });
  });
});

describe('a new secret', () => {
  it('is a second endpoint at the same URL, and retiring the old one deletes that', async () => {
    const stripe = new FakeStripe();
    const endpoints = new StripeEndpoints(stripe, TEST);
    const first = await endpoints.create(URL, ['charge.failed']);
    if (!first.known) throw first.error;
    const second = await endpoints.rotateKey(first.value.endpoint);
    expect(second).toMatchObject({
      known: true,
      value: { endpoint: { remoteId: 'we_2', url: URL, events: ['charge.failed'] } },
    });
    expect(stripe.kept).toHaveLength(2);
    expect(await endpoints.retireKey(first.value)).toMatchObject({ known: true });
    expect(stripe.kept.map(({ id }) => id)).toEqual(['we_2']);
    expect(await endpoints.retireKey(first.value)).toMatchObject({ known: true });
  });

  it('is refused before the call where no second endpoint fits', async () => {
    const stripe = new FakeStripe();
    const endpoints = new StripeEndpoints(stripe, TEST);
    for (let count = 0; count < 16; count += 1) await endpoints.create(URL, []);
    await expect(endpoints.rotateKey(remote())).rejects.toMatchObject({ code: 'endpoint_limit_reached' });
    expect(stripe.keys).toHaveLength(16);
  });

  it('is not tried by a test event: Stripe has none', async () => {
    await expect(new StripeEndpoints(new FakeStripe(), TEST).ping()).rejects.toMatchObject({
      code: 'capability_not_supported',
    });
  });
});

describe('what Stripe would refuse', () => {
  const check = (url: string, { events = ['*'], rules = TEST, existing = [] as RemoteEndpoint[] } = {}) =>
    new StripeEndpoints(new FakeStripe(), rules).check(url, events, existing);

  it.each([
    'pay.shop.example',
    'ftp://pay.shop.example/',
    'http://localhost:3003/webhooks/stripe',
    'https://shop.localhost/',
    'https://payments/',
    'https://shop.internal/',
    'https://127.0.0.1/',
    'https://10.1.2.3/',
    'https://172.31.0.1/',
    'https://192.168.1.1/',
    'https://169.254.169.254/',
    'https://[::1]/',
    'https://[fd00::1]/',
    'https://2130706433/',
  ])('is the URL %s', (url) => {
    const { code, details } = refusalOf(() => check(url));
    expect([code, jsonOf(Object(details)[0]).field]).toEqual(['invalid_request', 'url']);
  });

  it('is no public address, and with a test key no address without TLS', () => {
    for (const url of [
      URL,
      'http://pay.shop.example/',
      'https://93.184.216.34/',
      'https://[2606:2800::1]/',
    ]) {
      expect(check(url)).toBeUndefined();
    }
  });

  it('is an address without TLS with a live key', () => {
    const rules = { ...TEST, livemode: true };
    expect(refusalOf(() => check('http://pay.shop.example/', { rules })).message).toContain('https');
    expect(check(URL, { rules })).toBeUndefined();
  });

  it('is nothing on this machine where a stand-in delivers', () => {
    const rules = { ...TEST, publicOnly: false };
    expect(check('http://127.0.0.1:3003/webhooks/stripe', { rules })).toBeUndefined();
  });

  it.each([['v2.core.account.updated'], ['Charge.Succeeded'], ['charge'], ['charge.succeeded ']])(
    'is the event %j',
    (event) => {
      const { details } = refusalOf(() => check(URL, { events: ['charge.failed', event] }));
      expect(details).toMatchObject([{ field: 'events[1]' }]);
    },
  );

  it('is every event beside others', () => {
    expect(refusalOf(() => check(URL, { events: ['*', 'charge.failed'] })).code).toBe('invalid_request');
  });

  it('is one endpoint more than 16 of a mode', () => {
    const sixteen = Array.from({ length: 16 }, (_, at) => remote({ remoteId: `we_${at}` }));
    expect(check(URL, { existing: sixteen.slice(1) })).toBeUndefined();
    const { code, details } = refusalOf(() => check(URL, { existing: sixteen }));
    expect([code, details]).toEqual(['endpoint_limit_reached', { provider: 'stripe', limit: 16 }]);
    const live = sixteen.map((endpoint) => ({ ...endpoint, livemode: true }));
    expect(check(URL, { existing: live })).toBeUndefined();
  });
});

describe('the events of an endpoint', () => {
  it('are all that anybody here understands, each once, and none that Stripe would refuse', () => {
    const endpoints = new StripeEndpoints(new FakeStripe(), TEST);
    const { events } = endpoints;
    expect(events).toEqual(expect.arrayContaining([...TRANSLATED_EVENTS, ...CONFIRMED_EVENTS]));
    expect(new Set(events).size).toBe(events.length);
    expect(endpoints.check(URL, events, [])).toBeUndefined();
  });
});
