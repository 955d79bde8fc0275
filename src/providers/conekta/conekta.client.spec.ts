import { afterEach, describe, expect, it } from '@jest/globals';
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createTlsServer, request as tlsRequest } from 'node:https';
import { inspect } from 'node:util';
import { runInThisContext } from 'node:vm';
import { selfSignedCertificate } from '../../../test/support/http/self.signed.certificate.js';
import type { ProviderCallEnd } from '../provider.calls.js';
import { ProviderError } from '../provider.errors.js';
import { ConektaClient, type ConektaClientOptions } from './conekta.client.js';

const KEY = 'key_canary0123456789';
const ORDERS = { method: 'POST', path: '/orders', body: { currency: 'MXN' } } as const;

const servers: Server[] = [];

async function listening(server: Server): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** A server that keeps what it was asked, once it was asked all of it. */
async function serving(answer: (request: IncomingMessage, response: ServerResponse) => void) {
  const asked: { request: IncomingMessage; body: string }[] = [];
  const listener: RequestListener = (request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      asked.push({ request, body });
      answer(request, response);
    });
  };
  return { asked, url: `http://127.0.0.1:${await listening(createServer(listener))}` };
}

const sending = (text: string | Buffer, status = 200, headers = {}) =>
  serving((_request, response) => response.writeHead(status, headers).end(text));

function clientOf(apiBase: string, options: Partial<ConektaClientOptions> = {}): ConektaClient {
  return new ConektaClient({ privateKey: KEY, livemode: false, apiBase, ...options });
}

/** What was thrown, or is unknown; it says nothing of the key, wherever one looks. */
async function errorOf(promise: Promise<unknown>): Promise<ProviderError> {
  const ended = await promise.catch((thrown: unknown) => ({ known: false, error: thrown }));
  const error = ended !== null && typeof ended === 'object' && 'error' in ended ? ended.error : undefined;
  if (!(error instanceof ProviderError)) throw new Error(`no ProviderError: ${inspect(ended)}`);
  expect(inspect(error, { depth: 20, showHidden: true })).not.toContain('canary');
  expect(error.cause).toBeUndefined();
  return error;
}

/** Tests have an environment of their own, of which Node's TLS knows nothing. */
function ofTheProcess(): object {
  const environment: unknown = runInThisContext('process.env');
  if (typeof environment !== 'object' || environment === null) throw new Error('no environment');
  return environment;
}

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

describe("Conekta's client", () => {
  it('says who it is, in which version and language it asks, and what', async () => {
    const { asked, url } = await sending('{"object":"order"}');
    expect(await clientOf(`${url}/`).write({ ...ORDERS, language: 'en' })).toEqual({
      known: true,
      value: { object: 'order' },
    });
    const [{ request, body } = { request: undefined, body: '' }] = asked;
    expect(request).toMatchObject({ method: 'POST', url: '/orders' });
    expect(request?.headers).toMatchObject({
      authorization: `Bearer ${KEY}`,
      accept: 'application/vnd.conekta-v2.3.0+json',
      'accept-language': 'en',
      'content-type': 'application/json',
    });
    expect(body).toBe('{"currency":"MXN"}');
  });

  it('asks for pages from a time on, and for one order whatever its id', async () => {
    const { asked, url } = await sending('{}');
    const client = clientOf(url);
    await client.orders(1_790_000_000, undefined);
    await client.orders(1_790_000_000, 'ord_1');
    await client.page('/webhooks', undefined);
    await client.order('../webhook_keys?x');
    expect(asked.map(({ request }) => request.url)).toEqual([
      '/orders?created_at.gte=1790000000&limit=100',
      '/orders?created_at.gte=1790000000&limit=100&next=ord_1',
      '/webhooks?limit=100',
      '/orders/..%2Fwebhook_keys%3Fx',
    ]);
    expect(asked[0]?.request.headers['accept-language']).toBe('es');
  });

  describe('reads an order whole', () => {
    const chargeOf = (id: string, changes = {}) => ({ object: 'charge', id, order_id: 'ord_1', ...changes });
    const page = (data: object[], next?: string) => ({
      object: 'list',
      has_more: next !== undefined,
      next_page_url: next ?? null,
      data,
    });
    const orderOf = (charges: object) => ({ object: 'order', id: 'ord_1', charges });
    /** A Conekta that answers by path; of what it does not know it says nothing usable. */
    async function answering(answers: Record<string, object>) {
      const { asked, url } = await serving((request, response) =>
        response.end(JSON.stringify(answers[request.url ?? ''] ?? {})),
      );
      return { client: clientOf(url), paths: () => asked.map(({ request }) => request.url) };
    }

    it('T5d with the further pages of its charges and of their refunds', async () => {
      const refunds = page(
        [{ object: 'refund', id: 'r1' }],
        'https://api.conekta.io/charges/c3/refunds?next=r1',
      );
      const { client, paths } = await answering({
        '/orders/ord_1': orderOf(
          page([chargeOf('c1')], 'https://api.conekta.io/orders/ord_1/charges?limit=1&next=c1'),
        ),
        '/orders/ord_1/charges?limit=1&next=c1': page(
          [chargeOf('c2')],
          'http://elsewhere.example/more?next=c2',
        ),
        '/more?next=c2': page([chargeOf('c3', { refunds })]),
        '/charges/c3/refunds?next=r1': page([{ object: 'refund', id: 'r2' }]),
      });
      expect(await client.order('ord_1')).toMatchObject({
        charges: {
          has_more: false,
          data: [{ id: 'c1' }, { id: 'c2' }, { id: 'c3', refunds: { data: [{ id: 'r1' }, { id: 'r2' }] } }],
        },
      });
      expect(paths()).toHaveLength(4);
    });

    it('T5e and says so where it cannot: never a part for the whole', async () => {
      const next = 'https://api.conekta.io/orders/ord_1/charges?next=c1';
      const path = '/orders/ord_1/charges?next=c1';
      const cases: [string, Record<string, object>][] = [
        ['no_next_page', { '/orders/ord_1': orderOf({ ...page([chargeOf('c1')]), has_more: true }) }],
        // Two slashes would make another host of the path, and the key would go there.
        [
          'no_next_page',
          { '/orders/ord_1': orderOf(page([chargeOf('c1')], 'https://api.conekta.io//evil.example/x')) },
        ],
        [
          'not_a_list',
          { '/orders/ord_1': orderOf(page([chargeOf('c1')], next)), [path]: { object: 'order' } },
        ],
        [
          'not_the_charges_of_the_order',
          {
            '/orders/ord_1': orderOf(page([chargeOf('c1')], next)),
            [path]: page([chargeOf('c9', { order_id: 'ord_9' })]),
          },
        ],
        ['list_too_long', { '/orders/ord_1': orderOf(page([], next)), [path]: page([], next) }],
      ];
      for (const [providerCode, answers] of cases) {
        const { client } = await answering(answers);
        const error = await errorOf(client.order('ord_1'));
        expect(error).toMatchObject({ kind: 'unavailable', retryable: true, details: { providerCode } });
      }
    });
  });

  it('uses one connection for many calls', async () => {
    const { asked, url } = await sending('{}');
    const client = clientOf(url);
    for (let at = 0; at < 3; at += 1) await client.order('ord_1');
    expect(new Set(asked.map(({ request }) => request.socket.remotePort)).size).toBe(1);
  });

  describe('takes for no answer', () => {
    it.each([
      ['HTML', '<h1>Back soon</h1>'],
      ['half of one', '{"object":"order","id":"ord'],
      ['nothing', ''],
      ['a list', '[]'],
      ['a word', '"order"'],
      ['an error with status 200', '{"object":"error"}'],
      ['bytes that are no text', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])],
      ['too much nesting', `{"a":${'['.repeat(100)}${']'.repeat(100)}}`],
      ['more than anybody wants', `{"a":"${'x'.repeat(11 * 1024 * 1024)}"}`],
    ])('%s', async (_, text) => {
      const { asked, url } = await sending(text);
      expect(await errorOf(clientOf(url).write(ORDERS))).toMatchObject({ kind: 'unavailable' });
      expect(asked).toHaveLength(1);
      expect(await errorOf(clientOf(url).order('ord_1'))).toMatchObject({ kind: 'unavailable' });
    });

    it('one that drips in for ever', async () => {
      const { url } = await serving((_request, response) => {
        response.write('{"object":"order"');
        const timer = setInterval(() => response.write(' '), 5);
        response.on('close', () => clearInterval(timer));
      });
      const error = await errorOf(clientOf(url, { timeoutMs: 100 }).write(ORDERS));
      expect(error.details.providerCode).toBe('TIMEOUT');
    });
  });

  it.each([301, 302, 303, 307, 308])('follows no redirect: %d', async (status) => {
    const elsewhere = await sending('{"object":"order"}');
    const { url } = await sending('', status, { location: `${elsewhere.url}/orders` });
    expect(await errorOf(clientOf(url).order('ord_1'))).toMatchObject({ kind: 'unavailable' });
    expect(await clientOf(url).write(ORDERS)).toMatchObject({ known: false });
    expect(elsewhere.asked).toHaveLength(0);
  });

  it('asks no proxy of the environment', async () => {
    const proxy = await sending('{"object":"proxy"}');
    const { url } = await sending('{"object":"order"}');
    const names = ['http_proxy', 'HTTP_PROXY', 'all_proxy'];
    const before = names.map((name) => process.env[name]);
    for (const name of names) process.env[name] = proxy.url;
    try {
      expect(await clientOf(url).order('ord_1')).toEqual({ object: 'order' });
    } finally {
      names.forEach((name, at) => {
        if (before[at] === undefined) delete process.env[name];
        else process.env[name] = before[at];
      });
    }
    expect(proxy.asked).toHaveLength(0);
  });

  describe('at a server that nobody vouches for', () => {
    async function impostor(): Promise<{ port: number; asked: string[] }> {
      const asked: string[] = [];
      const server = createTlsServer(selfSignedCertificate('127.0.0.1'), (request, response) => {
        asked.push(request.headers.authorization ?? '');
        response.end('{"object":"order"}');
      });
      return { port: await listening(server), asked };
    }

    it('sends nothing, though the whole process is told to trust everybody', async () => {
      const { port, asked } = await impostor();
      const client = clientOf(`https://127.0.0.1:${port}`);
      const environment = ofTheProcess();
      Reflect.set(environment, 'NODE_TLS_REJECT_UNAUTHORIZED', '0');
      try {
        const error = await errorOf(client.write(ORDERS));
        expect(error).toMatchObject({
          kind: 'unavailable',
          details: { providerCode: 'DEPTH_ZERO_SELF_SIGNED_CERT' },
        });
        await expect(client.write(ORDERS)).rejects.toThrow(ProviderError);
        await expect(client.order('ord_1')).rejects.toThrow(ProviderError);
      } finally {
        Reflect.deleteProperty(environment, 'NODE_TLS_REJECT_UNAUTHORIZED');
      }
      expect(asked).toEqual([]);
    });

    it('would have been heard by whoever does not look', async () => {
      const { port, asked } = await impostor();
      const headers = { authorization: 'Bearer careless' };
      await new Promise((resolve, reject) => {
        const options = {
          host: '127.0.0.1',
          port,
          headers,
          rejectUnauthorized: false,
          agent: false,
        } as const;
        tlsRequest(options, resolve).on('error', reject).end();
      });
      expect(asked).toEqual(['Bearer careless']);
    });
  });

  describe('on a connection that breaks', () => {
    const breaking = (times: number) => {
      let left = times;
      return serving((request, response) => {
        left -= 1;
        if (left >= 0) request.socket.resetAndDestroy();
        else response.end('{"object":"order"}');
      });
    };

    it('reads once more', async () => {
      const { asked, url } = await breaking(1);
      expect(await clientOf(url).order('ord_1')).toEqual({ object: 'order' });
      expect(asked).toHaveLength(2);
    });

    it('reads not for ever', async () => {
      const { asked, url } = await breaking(9);
      expect(await errorOf(clientOf(url).order('ord_1'))).toMatchObject({ kind: 'unavailable' });
      expect(asked).toHaveLength(2);
    });

    it('writes never again', async () => {
      const { asked, url } = await breaking(1);
      expect(await clientOf(url).write(ORDERS)).toMatchObject({ known: false });
      expect(asked).toHaveLength(1);
    });
  });

  it.each([500, 502, 503, 504])('neither writes nor reads again after %d', async (status) => {
    const { asked, url } = await sending('{"object":"error","type":"api_error"}', status);
    expect(await clientOf(url).write(ORDERS)).toMatchObject({ known: false });
    expect(await errorOf(clientOf(url).order('ord_1'))).toMatchObject({ kind: 'unavailable' });
    expect(asked).toHaveLength(2);
  });

  it('refuses for certain where nobody is there, for nothing was sent', async () => {
    const server = createServer();
    const port = await listening(server);
    await new Promise((resolve) => server.close(resolve));
    const client = clientOf(`http://127.0.0.1:${port}`);
    await expect(client.write(ORDERS)).rejects.toMatchObject({ kind: 'unavailable', retryable: true });
    expect((await errorOf(client.write(ORDERS))).details.providerCode).toBe('ECONNREFUSED');
  });

  it('tells a refusal, and when to come back', async () => {
    const { url } = await sending('{"object":"error","type":"x"}', 429, { 'retry-after': '3' });
    await expect(clientOf(url).write(ORDERS)).rejects.toMatchObject({
      kind: 'rate_limited',
      details: { retryAfterMs: 3000, providerCode: 'x' },
    });
  });

  it('tells of every call how it ended', async () => {
    const ends: ProviderCallEnd[] = [];
    const observe = (end: ProviderCallEnd): number => ends.push(end);
    const good = await sending('{"object":"order"}');
    const bad = await sending('{"object":"error"}', 422);
    const none = await sending('', 500);
    for (const { url } of [good, bad, none]) {
      await clientOf(url, { observe })
        .write(ORDERS)
        .catch(() => undefined);
      await clientOf(url, { observe })
        .order('ord_1')
        .catch(() => undefined);
    }
    expect(ends.map(({ kind, outcome }) => `${kind} ${outcome}`)).toEqual([
      'write done',
      'read done',
      'write refused',
      'read refused',
      'write unknown',
      'read unavailable',
    ]);
    expect(ends.every(({ provider, seconds }) => provider === 'conekta' && seconds >= 0)).toBe(true);
  });

  it.each([
    'http://api.conekta.io',
    'https://api.conekta.io.example',
    'https://api.conekta.io@evil.example',
    'https://api.conekta.io:8443',
  ])('takes no live key to %s', (apiBase) => {
    expect(() => clientOf(apiBase, { livemode: true })).toThrow('Conekta only');
    expect(() => clientOf(apiBase)).not.toThrow();
  });

  it('takes a live key to Conekta', () => {
    for (const apiBase of [undefined, 'https://api.conekta.io', 'https://api.conekta.io/']) {
      expect(() => new ConektaClient({ privateKey: KEY, livemode: true, apiBase })).not.toThrow();
    }
  });
});
