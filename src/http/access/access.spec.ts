import { Controller, Get, Post } from '@nestjs/common';
import { afterEach, describe, expect, it } from '@jest/globals';
import supertest from 'supertest';
import {
  apiKey,
  startTestApp,
  type TestApp,
  type TestAppOptions,
} from '../../../test/support/http/test.app.js';
import { RawBody } from '../body/body.parsers.js';
import { AllowRoles, Public } from './access.guard.js';
import { type Caller, CurrentCaller } from './caller.js';

@Controller()
class DoorController {
  @Get('closed')
  closed(@CurrentCaller() caller: Caller): Caller {
    return caller;
  }

  @Get('operator')
  @AllowRoles('operator')
  operator(@CurrentCaller() caller: Caller): Caller {
    return caller;
  }

  @Get('viewer')
  @AllowRoles('viewer', 'operator')
  viewer(@CurrentCaller() caller: Caller): Caller {
    return caller;
  }

  @Get('open')
  @Public()
  open(@CurrentCaller() caller: Caller): Caller {
    return caller;
  }

  @Get('health/live')
  @Public()
  health(): unknown {
    return {};
  }

  @Post('webhook')
  @Public()
  @RawBody()
  webhook(): unknown {
    return {};
  }
}

const KEYS = [apiKey('shop', 'service'), apiKey('ops', 'operator'), apiKey('eye', 'viewer')];

describe('access by API key', () => {
  let test: TestApp | undefined;
  afterEach(() => test?.app.close());

  async function start(options: TestAppOptions = { apiKeys: KEYS }): Promise<ReturnType<typeof supertest>> {
    test = await startTestApp([DoorController], options);
    return supertest(test.app.getHttpServer());
  }

  const bearer = (key: string): [string, string] => ['authorization', `Bearer ${key}`];

  it('closes a route that says nothing to all but service and operator', async () => {
    const server = await start();
    expect((await server.get('/closed')).status).toBe(401);
    expect((await server.get('/closed').set(...bearer('eye-key'))).status).toBe(403);
    expect((await server.get('/closed').set(...bearer('ops-key'))).body).toMatchObject({
      roles: ['operator'],
    });
    expect((await server.get('/closed').set(...bearer('shop-key'))).body).toEqual({
      name: 'shop',
      group: 'shop',
      roles: ['service'],
      public: false,
    });
  });

  it('admits by role', async () => {
    const server = await start();
    const refused = await server.get('/operator').set(...bearer('shop-key'));
    expect(refused.status).toBe(403);
    expect(refused.body).toMatchObject({ code: 'forbidden', details: [] });
    expect((await server.get('/operator').set(...bearer('ops-key'))).status).toBe(200);
    expect((await server.get('/viewer').set(...bearer('eye-key'))).status).toBe(200);
  });

  it.each([
    'Bearer unknown',
    'Bearer',
    'Bearer ',
    'Bearer shop-key x',
    'Basic c2hvcC1rZXk=',
    'shop-key',
    'Bearershop-key',
  ])('answers 401 to %j', async (authorization) => {
    const server = await start();
    const answer = await server.get('/closed').set('authorization', authorization);
    expect(answer.status).toBe(401);
    expect(answer.body.code).toBe('unauthorized');
    expect(answer.headers['www-authenticate']).toBe('Bearer');
  });

  it.each(['key', 'api_key', 'access_token', 'API_KEY'])(
    'answers 401 to a key in the URL (%s)',
    async (name) => {
      const server = await start();
      const answer = await server.get(`/closed?${name}=shop-key`).set(...bearer('shop-key'));
      expect(answer.status).toBe(401);
    },
  );

  it('lets anybody in on a public route, but no wrong key', async () => {
    const server = await start();
    expect((await server.get('/open')).body).toEqual({
      name: 'public',
      group: 'public',
      roles: [],
      public: true,
    });
    expect((await server.get('/open').set(...bearer('shop-key'))).body).toMatchObject({
      name: 'shop',
      public: false,
    });
    expect((await server.get('/open').set(...bearer('wrong'))).status).toBe(401);
  });

  it('takes everybody for service and operator while no key is configured', async () => {
    const server = await start({ apiKeys: [] });
    for (const path of ['/closed', '/operator', '/open']) {
      const { status, body } = await server.get(path);
      expect(status).toBe(200);
      expect(body).toMatchObject({ name: 'open', public: false });
      expect(body.roles).toEqual(expect.arrayContaining(['service', 'operator']));
    }
  });

  it('limits an address without a key, and says when to come back', async () => {
    const server = await start({ apiKeys: KEYS, service: { rateLimit: 2 } });
    expect((await server.get('/open')).status).toBe(200);
    expect((await server.get('/open')).status).toBe(200);
    const answer = await server.get('/open');
    expect(answer.status).toBe(429);
    expect(answer.body.code).toBe('rate_limited');
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
    expect(Number(answer.headers['retry-after'])).toBeLessThanOrEqual(60);
  });

  it.each([
    ['a wrong key', '/closed', bearer('wrong')],
    ['a wrong key on a public route', '/open', bearer('wrong')],
    ['a malformed key', '/closed', ['authorization', 'Bearer ']],
    ['no key where one is needed', '/closed', ['x-nothing', '1']],
    ['a path that does not exist', '/nowhere', ['x-nothing', '1']],
    ['a path like one of those without limit', '/healthy', ['x-nothing', '1']],
    ['a path that does not exist, with a wrong key', '/nowhere', bearer('wrong')],
    ['the documentation', '/docs', ['x-nothing', '1']],
    ['the description of the API', '/docs-json', ['x-nothing', '1']],
  ] as const)('T25c limits %s as anybody without a key', async (_what, path, header) => {
    const server = await start({ apiKeys: KEYS, service: { rateLimit: 2 } });
    const ask = () => server.get(path).set({ [header[0]]: header[1] });
    expect([(await ask()).status, (await ask()).status]).not.toContain(429);
    const refused = await ask();
    expect(refused.status).toBe(429);
    expect(refused.body).toMatchObject({ code: 'rate_limited', requestId: refused.headers['x-request-id'] });
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    // One count for all of them, and none of it for whoever has a key.
    expect((await server.get('/open')).status).toBe(429);
    expect((await server.get('/closed').set(...bearer('shop-key'))).status).toBe(200);
    expect((await server.get('/nowhere').set(...bearer('shop-key'))).status).toBe(404);
    expect((await server.get('/health/live')).status).toBe(200);
  });

  it('does not limit keys, webhooks or health', async () => {
    const server = await start({ apiKeys: KEYS, service: { rateLimit: 1 } });
    await server.get('/open');
    for (let time = 0; time < 3; time += 1) {
      expect((await server.get('/open').set(...bearer('shop-key'))).status).toBe(200);
      expect((await server.get('/health/live')).status).toBe(200);
      const webhook = await server.post('/webhook').set('content-type', 'application/json').send('{}');
      expect(webhook.status).toBe(201);
    }
  });

  it.each([
    { apiKeys: [], service: { rateLimit: 1 } },
    { apiKeys: KEYS, service: { rateLimit: 0 } },
  ])('limits nobody with %#', async (options) => {
    const server = await start(options);
    for (let time = 0; time < 5; time += 1) expect((await server.get('/open')).status).toBe(200);
  });

  it('believes X-Forwarded-For only from a trusted proxy', async () => {
    const untrusting = await start({ apiKeys: KEYS, service: { rateLimit: 1 } });
    await untrusting.get('/open').set('x-forwarded-for', '203.0.113.1');
    expect((await untrusting.get('/open').set('x-forwarded-for', '203.0.113.2')).status).toBe(429);
    await test?.app.close();
    const trusting = await start({
      apiKeys: KEYS,
      service: { rateLimit: 1, trustedProxies: ['127.0.0.0/8', '::1'] },
    });
    await trusting.get('/open').set('x-forwarded-for', '203.0.113.1');
    expect((await trusting.get('/open').set('x-forwarded-for', '203.0.113.2')).status).toBe(200);
    expect((await trusting.get('/open').set('x-forwarded-for', '203.0.113.1')).status).toBe(429);
  });
});
