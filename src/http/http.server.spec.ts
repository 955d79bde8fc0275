import { Controller, Get, Header, Param } from '@nestjs/common';
import { afterEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import supertest from 'supertest';
import {
  buildTestApp,
  startTestApp,
  type TestApp,
  type TestAppOptions,
} from '../../test/support/http/test.app.js';
import { CONNECTION_TIMEOUT_MS, KEEP_ALIVE_TIMEOUT_MS, listen, MAX_CONNECTIONS } from './http.server.js';
import { contentSecurityPolicy } from './security.headers.js';

@Controller()
class PlainController {
  @Get('things/:id')
  thing(@Param('id') id: string): unknown {
    return { id };
  }

  @Get('page')
  @Header('Content-Security-Policy', contentSecurityPolicy({ 'style-src': "'self'" }))
  page(): string {
    return '<p>page</p>';
  }

  @Get('health/live')
  health(): unknown {
    return { ok: true };
  }
}

describe('a port', () => {
  it('S16d that is in use is told once, by whoever asked, with what to do', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const test = await buildTestApp([PlainController]);
    try {
      await expect(listen(test.app, { host: '127.0.0.1', port })).rejects.toThrow(
        `port ${port} of 127.0.0.1 is in use: end what listens there, or set PORT to another one`,
      );
      expect(JSON.stringify(test.logs.records)).not.toMatch(/in use|EADDRINUSE/);
    } finally {
      other.close();
      await test.app.close();
    }
  });

  it('S16d that is free is told with its address, and one on a foreign address with the cause', async () => {
    const test = await buildTestApp([PlainController]);
    try {
      const nowhere = listen(test.app, { host: '192.0.2.1', port: 1 });
      await expect(nowhere).rejects.toMatchObject({ cause: { code: 'EADDRNOTAVAIL' } });
      const url = await listen(test.app, { host: '127.0.0.1', port: 0 });
      expect((await fetch(`${url}/health/live`)).status).toBe(200);
    } finally {
      await test.app.close();
    }
  });
});

describe('the HTTP server', () => {
  let test: TestApp | undefined;
  afterEach(() => test?.app.close());

  async function start(options: TestAppOptions = {}): Promise<ReturnType<typeof supertest>> {
    test = await startTestApp([PlainController], options);
    return supertest(test.app.getHttpServer());
  }

  it('answers with the caller’s request id, or one of its own', async () => {
    const server = await start();
    expect((await server.get('/things/1').set('x-request-id', 'a.B_c-9')).headers['x-request-id']).toBe(
      'a.B_c-9',
    );
    for (const bad of ['a b', 'x'.repeat(129), '<script>', 'a;b']) {
      const answer = await server.get('/things/1').set('x-request-id', bad);
      expect(answer.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
    }
  });

  it('writes one access line with the route’s pattern, and none for health', async () => {
    const server = await start();
    await server.get('/things/secret-id?email=buyer@example.com').set('x-request-id', 'req-1');
    await server.get('/health/live');
    const lines = test?.logs.records.filter((record) => record.msg === 'request answered');
    expect(lines).toEqual([
      expect.objectContaining({
        requestId: 'req-1',
        method: 'GET',
        route: '/things/:id',
        status: 200,
        bytes: 18,
      }),
    ]);
    expect(lines?.[0]?.ms).toEqual(expect.any(Number));
    expect(test?.logs.all).not.toContain('secret-id');
  });

  it('forbids browsers everything, on errors too, unless a page says otherwise', async () => {
    const server = await start();
    for (const path of ['/things/1', '/nowhere', '/things/%zz']) {
      const { headers } = await server.get(path);
      if (path !== '/things/%zz') {
        expect(headers['content-security-policy']).toContain("default-src 'none'");
        expect(headers['x-content-type-options']).toBe('nosniff');
        expect(headers['x-frame-options']).toBe('DENY');
      }
      expect(headers['x-powered-by']).toBeUndefined();
    }
    const page = await server.get('/page');
    expect(page.headers['content-security-policy']).toBe(
      "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; style-src 'self'",
    );
  });

  it('allows other origins only when they are configured', async () => {
    const closed = await start();
    const without = await closed.get('/things/1').set('origin', 'https://shop.example');
    expect(without.headers['access-control-allow-origin']).toBeUndefined();
    await test?.app.close();
    const open = await start({ service: { corsOrigins: ['https://shop.example'] } });
    const preflight = await open
      .options('/things/1')
      .set('origin', 'https://shop.example')
      .set('access-control-request-method', 'POST');
    expect(preflight.status).toBe(204);
    expect(preflight.headers['access-control-allow-origin']).toBe('https://shop.example');
    const evil = await open.get('/things/1').set('origin', 'https://shop.example.evil');
    expect(evil.headers['access-control-allow-origin']).not.toBe('https://shop.example.evil');
  });

  it('cuts slow clients, looks for them often, and caps connections', async () => {
    await start();
    const server = test?.app.getHttpServer();
    expect(server).toMatchObject({
      headersTimeout: 10_000,
      requestTimeout: 15_000,
      keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
      timeout: CONNECTION_TIMEOUT_MS,
      maxConnections: MAX_CONNECTIONS,
    });
  });

  it.each([
    ['nonsense', 'nonsense\r\n\r\n', 400],
    ['two lengths', 'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n', 400],
    ['headers of 20 kB', `GET / HTTP/1.1\r\nhost: x\r\na: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
  ])('answers %s in the uniform body', async (_what, bytes, status) => {
    await start();
    await test?.app.listen(0, '127.0.0.1');
    const { port } = test?.app.getHttpServer().address() as AddressInfo;
    const answer = await new Promise<string>((resolve, reject) => {
      let text = '';
      const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
      socket.on('data', (chunk) => (text += chunk.toString())).on('error', reject);
      socket.on('close', () => resolve(text));
    });
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(JSON.parse(answer.split('\r\n\r\n')[1] ?? '')).toMatchObject({ code: 'invalid_request' });
  });

  it('describes the API at /docs-json, with the one error body', async () => {
    const server = await start();
    const { body } = await server.get('/docs-json');
    expect(body.info.title).toBe('Payments');
    expect(body.info.version).toMatch(/^\d+\.\d+\.\d+/);
    expect(body.paths['/things/{id}'].get.responses.default.content['application/json'].schema).toEqual({
      $ref: '#/components/schemas/Error',
    });
    expect(body.components.schemas.Error.properties.code.enum).toContain('unknown_outcome');
    expect(body.components.securitySchemes.bearer).toMatchObject({ type: 'http', scheme: 'bearer' });
    const page = await server.get('/docs');
    expect(page.status).toBe(200);
    expect(page.headers['content-security-policy']).toContain("script-src 'self'");
  });
});
