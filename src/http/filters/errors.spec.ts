import {
  Body,
  ConflictException,
  Controller,
  Get,
  HttpException,
  NotFoundException,
  Param,
  Post,
} from '@nestjs/common';
import { ClientProxyFactory, MessagePattern, Payload, Transport } from '@nestjs/microservices';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { IsPositive } from 'class-validator';
import { lastValueFrom } from 'rxjs';
import supertest from 'supertest';
import { freePort } from '../../../sandbox/servers/free-port.js';
import { ServiceError } from '../../kernel/errors.js';
import { buildTestApp, type TestApp } from '../../../test/support/http/test.app.js';

// Assembled here, so that no scanner takes this file for a leak.
const CANARIES = [
  ['sk', 'live', 'canary1'].join('_'),
  'whsec_canary2',
  'canary3@example.com',
  '4242424242424242',
];
const LEAKY = `leaked ${CANARIES.join(' and ')}`;

class ProviderLikeError extends Error {
  toServiceError(): ServiceError {
    return new ServiceError('provider_unavailable', this.message, { retryAfterMs: 2500, note: LEAKY });
  }
}

class AmountDto {
  @IsPositive()
  amount!: number;
}

const FAILURES: Record<string, () => unknown> = {
  service: () => new ServiceError('order_already_paid', 'the order is paid', { orderId: 'o-1' }),
  leaky: () =>
    new ServiceError('provider_rejected', LEAKY, { providerMessage: LEAKY, deep: { list: [LEAKY] } }),
  provider: () => new ProviderLikeError(LEAKY),
  bug: () => new TypeError(LEAKY),
  text: () => LEAKY,
  nothing: () => undefined,
  conflict: () => new ConflictException(LEAKY),
  missing: () => new NotFoundException(LEAKY),
  teapot: () => new HttpException(LEAKY, 418),
  database: () =>
    new Error(`Failed query: select 1\nparams: ${LEAKY}`, {
      cause: Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }),
    }),
  query: () =>
    new Error(`Failed query: select 1\nparams: ${LEAKY}`, {
      cause: Object.assign(new Error('syntax'), { code: '42601' }),
    }),
};

@Controller()
class FailingController {
  @Get('thrown/:how')
  fail(@Param('how') how: string): unknown {
    throw FAILURES[how]?.();
  }

  @Post('amount')
  amount(@Body() body: AmountDto): unknown {
    return body;
  }

  @MessagePattern('fail')
  failOverNats(@Payload() how: string): unknown {
    throw FAILURES[how]?.();
  }

  @MessagePattern('amount')
  amountOverNats(@Payload() body: AmountDto): unknown {
    return body;
  }
}
describe('an error', () => {
  let test: TestApp;
  let server: ReturnType<typeof supertest>;
  let rpc: ReturnType<typeof ClientProxyFactory.create>;

  beforeAll(async () => {
    test = await buildTestApp([FailingController]);
    const port = await freePort();
    const options = { host: '127.0.0.1', port };
    test.app.connectMicroservice({ transport: Transport.TCP, options }, { inheritAppConfig: true });
    await test.app.startAllMicroservices();
    await test.app.init();
    await test.app.getHttpAdapter().getInstance().ready();
    server = supertest(test.app.getHttpServer());
    rpc = ClientProxyFactory.create({ transport: Transport.TCP, options });
  });
  afterAll(async () => {
    await rpc.close();
    await test.app.close();
  });

  const overRpc = (pattern: string, data: unknown): Promise<unknown> =>
    lastValueFrom(rpc.send(pattern, data)).then(
      (answer: unknown) => ({ answer }),
      (error: unknown) => error,
    );

  it('of ours goes out as it is', async () => {
    const answer = await server.get('/thrown/service').set('x-request-id', 'req.1');
    expect(answer.status).toBe(409);
    expect(answer.body).toEqual({
      code: 'order_already_paid',
      message: 'the order is paid',
      details: { orderId: 'o-1' },
      requestId: 'req.1',
    });
    expect(answer.headers).toMatchObject({ 'x-request-id': 'req.1', 'cache-control': 'no-store' });
    expect(answer.headers['retry-after']).toBeUndefined();
  });

  it.each([
    ['provider', 503, 'provider_unavailable'],
    ['bug', 500, 'internal'],
    ['text', 500, 'internal'],
    ['nothing', 500, 'internal'],
    ['conflict', 400, 'invalid_request'],
    ['missing', 404, 'not_found'],
    ['teapot', 400, 'invalid_request'],
    ['database', 503, 'database_unavailable'],
    ['query', 500, 'internal'],
    ['leaky', 502, 'provider_rejected'],
  ])(
    'T18i %s is answered %i %s, the same over RPC with that number, and leaks nothing',
    async (how, status, code) => {
      const answer = await server.get(`/thrown/${how}`);
      expect(answer.status).toBe(status);
      expect(answer.body).toEqual({
        code,
        message: expect.any(String),
        details: expect.anything(),
        requestId: answer.headers['x-request-id'],
      });
      const { requestId: _requestId, ...body } = answer.body;
      expect(await overRpc('fail', how)).toEqual({ ...body, status });
      expect(JSON.stringify(answer.body)).not.toMatch(/canary|4242|\.ts|at /);
      expect(test.logs.all).not.toMatch(/canary|4242/);
    },
  );

  it.each([
    ['provider', '3'],
    ['database', '5'],
  ])('that passes (%s) says when to come back', async (how, seconds) => {
    expect((await server.get(`/thrown/${how}`)).headers['retry-after']).toBe(seconds);
  });

  it('that is a bug is logged once, with its stack and the request’s id', async () => {
    test.logs.text.length = 0;
    await server.get('/thrown/bug').set('x-request-id', 'req-bug');
    const errors = test.logs.records.filter((record) => record.level === 50);
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatchObject({
      requestId: 'req-bug',
      err: { type: 'TypeError', stack: expect.stringContaining('errors.spec') },
    });
  });

  it('of validation names the field, over HTTP and over RPC', async () => {
    const details = [{ field: 'amount', rule: 'must be a positive number' }];
    const expected = { code: 'invalid_request', message: 'amount must be a positive number', details };
    const answer = await server.post('/amount').send({ amount: -1 });
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject(expected);
    expect(await overRpc('amount', { amount: -1 })).toEqual({ ...expected, status: 400 });
    expect(await overRpc('amount', { amount: 1, paid: true })).toMatchObject({
      details: [{ field: 'paid', rule: 'is not a known field' }],
    });
  });

  it('of a route that does not exist does not repeat the URL', async () => {
    const answer = await server.get('/nowhere/canary3@example.com?email=canary3@example.com');
    expect(answer.status).toBe(404);
    expect(answer.body).toMatchObject({ code: 'not_found', message: 'there is no such route', details: [] });
    expect(test.logs.all).not.toContain('canary');
  });

  it.each(['/thrown/%zz', `/thrown/${'x'.repeat(5000)}`])(
    'of a URL that cannot be routed has the same body (%#)',
    async (path) => {
      const answer = await server.get(path);
      expect([400, 404]).toContain(answer.status);
      expect(answer.body).toMatchObject({ details: [], requestId: expect.any(String) });
      expect(JSON.stringify(answer.body)).not.toContain('zz');
    },
  );
});
