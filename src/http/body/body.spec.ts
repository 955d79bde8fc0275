import { Body, Controller, Get, Post } from '@nestjs/common';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { request as rawRequest } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import supertest from 'supertest';
import { startTestApp, type TestApp } from '../../../test/support/http/test.app.js';
import { MAX_BODY_BYTES, RawBody } from './body.parsers.js';

@Controller()
class EchoController {
  @Post('json')
  json(@Body() body: unknown): unknown {
    return { got: body ?? null };
  }

  @Post('raw')
  @RawBody()
  raw(@Body() body: unknown): unknown {
    return Buffer.isBuffer(body)
      ? { bytes: body.length, hex: body.subarray(0, 40).toString('hex') }
      : { bytes: null };
  }

  @Get('plain')
  plain(): unknown {
    return { ok: true };
  }
}

describe('the body of a request', () => {
  let test: TestApp;
  let server: ReturnType<typeof supertest>;

  beforeAll(async () => {
    test = await startTestApp([EchoController]);
    await test.app.listen(0, '127.0.0.1');
    server = supertest(test.app.getHttpServer());
  });
  afterAll(() => test.app.close());

  const json = (path: string, body: string | Buffer) =>
    server
      .post(path)
      .set('content-type', 'application/json')
      .serialize((sent) => String(sent))
      .send(body.toString());

  it('is parsed as JSON', async () => {
    const answer = await json('/json', '{"a":[1,"é"]}');
    expect(answer.body).toEqual({ got: { a: [1, 'é'] } });
  });

  it('arrives byte for byte on a raw route', async () => {
    const answer = await json('/raw', '{ "a":  1 }');
    expect(answer.body).toEqual({ bytes: 11, hex: Buffer.from('{ "a":  1 }').toString('hex') });
  });

  it.each(['/json', '/raw'])('may have exactly 1 MiB and not one byte more on %s', async (path) => {
    const full = `"${'x'.repeat(MAX_BODY_BYTES - 2)}"`;
    expect((await json(path, full)).status).toBe(201);
    const over = await json(path, ` ${full}`);
    expect(over.status).toBe(413);
    expect(over.body).toMatchObject({ code: 'payload_too_large', details: [] });
  });

  it('is limited in the same way when it comes in chunks', async () => {
    expect(await sendChunked('/raw', MAX_BODY_BYTES)).toBe(201);
    expect(await sendChunked('/raw', MAX_BODY_BYTES + 1)).toBe(413);
  });

  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/json; charset=utf-16',
    'application/json; charset=utf-8; boundary=x',
    'application/jsonp',
    'application/vnd.api+json',
    'multipart/form-data; boundary=x',
  ])('of type %s is answered 415', async (type) => {
    for (const path of ['/json', '/raw']) {
      const answer = await server.post(path).set('content-type', type).serialize(String).send('{}');
      expect(answer.status).toBe(415);
      expect(answer.body.code).toBe('unsupported_media_type');
    }
  });

  it('without a type is answered 415', async () => {
    expect(
      await sendBytes('POST /raw HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{}'),
    ).toMatch(/^HTTP\/1.1 415 /);
  });

  it.each(['application/json', 'Application/JSON; charset=UTF-8', 'application/json;charset="utf-8"'])(
    'of type %s is taken',
    async (type) => {
      const answer = await server.post('/json').set('content-type', type).serialize(String).send('{}');
      expect(answer.status).toBe(201);
    },
  );

  it.each(['gzip', 'br', 'gzip, identity'])('encoded as %s is answered 415', async (encoding) => {
    const answer = await json('/raw', '{}').set('content-encoding', encoding);
    expect(answer.status).toBe(415);
    expect(answer.body.message).toContain('content-encoding');
  });

  it.each(['{', '{"a":}', "{'a':1}", '\uFEFF{}', 'nonsense'])(
    'that is not JSON (%j) is answered 400',
    async (text) => {
      const answer = await json('/json', text);
      expect(answer.status).toBe(400);
      expect(answer.body).toMatchObject({ code: 'invalid_request', message: 'the body is not valid JSON' });
    },
  );

  it('that is not UTF-8 is answered 400', async () => {
    const head = 'POST /json HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\n';
    const bytes = Buffer.concat([
      Buffer.from(`${head}content-length: 3\r\n\r\n"`),
      Buffer.from([0xff]),
      Buffer.from('"'),
    ]);
    expect(await sendBytes(bytes)).toContain('the body is not UTF-8');
  });

  it('loses the keys that reach a prototype, however they are written', async () => {
    const answer = await json(
      '/json',
      '{"a":1,"__proto__":{"admin":true},"\\u005f_proto__":{},"b":[{"constructor":{"prototype":{"x":1}}}]}',
    );
    expect(answer.body).toEqual({ got: { a: 1, b: [{}] } });
    expect(({} as Record<string, unknown>).admin).toBeUndefined();
  });

  it('nested 45,000 deep is answered 400', async () => {
    const answer = await json('/json', '['.repeat(45_000) + ']'.repeat(45_000));
    expect(answer.status).toBe(400);
    expect(answer.body.message).toBe('the body is nested deeper than 32 levels');
  });

  it('with both a length and chunks is answered 400 in the uniform body', async () => {
    const answer = await sendBytes(
      'POST /raw HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n',
    );
    expect(answer).toMatch(/^HTTP\/1.1 400 /);
    expect(JSON.parse(answer.split('\r\n\r\n')[1] ?? '')).toMatchObject({
      code: 'invalid_request',
      details: [],
    });
  });

  it('is not wanted on a GET, whose type does not matter then', async () => {
    expect((await server.get('/plain').set('content-type', 'text/plain')).status).toBe(200);
  });

  function port(): number {
    return (test.app.getHttpServer().address() as AddressInfo).port;
  }

  function sendBytes(bytes: string | Buffer): Promise<string> {
    return new Promise((resolve, reject) => {
      let answer = '';
      const socket = connect(port(), '127.0.0.1', () => socket.write(bytes));
      socket.on('data', (chunk) => (answer += chunk.toString()));
      socket.on('close', () => resolve(answer));
      socket.on('error', reject);
    });
  }

  function sendChunked(path: string, size: number): Promise<number | undefined> {
    return new Promise((resolve, reject) => {
      const headers = { 'content-type': 'application/json', 'transfer-encoding': 'chunked' };
      const request = rawRequest(
        { port: port(), host: '127.0.0.1', path, method: 'POST', headers },
        (answer) => {
          answer.resume();
          resolve(answer.statusCode);
        },
      );
      request.on('error', reject);
      for (let sent = 0; sent < size; sent += 65_536)
        request.write(Buffer.alloc(Math.min(65_536, size - sent), 'x'));
      request.end();
    });
  }
});
