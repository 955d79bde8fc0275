import { Body, Controller, Post } from '@nestjs/common';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import supertest from 'supertest';
import { startTestApp, type TestApp } from '../../../test/support/http/test.app.js';
import { MAX_FORM_FIELDS, FormBody } from './body.parsers.js';

@Controller()
class OrderController {
  @Post('form')
  @FormBody({ numbers: ['price', 'quantity', 'months'], booleans: ['keep'] })
  form(@Body() body: unknown): unknown {
    return { got: body ?? null };
  }

  @Post('json')
  json(@Body() body: unknown): unknown {
    return { got: body ?? null };
  }
}

describe('an HTML form', () => {
  let test: TestApp;
  let server: ReturnType<typeof supertest>;

  beforeAll(async () => {
    test = await startTestApp([OrderController]);
    await test.app.listen(0, '127.0.0.1');
    server = supertest(test.app.getHttpServer());
  });
  afterAll(() => test.app.close());

  const post = (text: string, path = '/form', type = 'application/x-www-form-urlencoded') =>
    server.post(path).set('content-type', type).serialize(String).send(text);

  it('is read as the JSON that it stands for', async () => {
    const answer = await post(
      'orderId=a%20b+c&items[0][name]=Caf%C3%A9&items[0][price]=19.99&items[0][quantity]=2' +
        '&items[1][name]=7&months[]=3&months[]=6&keep=on&note=',
    );
    expect(answer.body.got).toEqual({
      orderId: 'a b c',
      items: [{ name: 'Café', price: 19.99, quantity: 2 }, { name: '7' }],
      months: [3, 6],
      keep: true,
    });
  });

  it.each(['1e3', '0x10', '1,5', ' 5', 'NaN', '-', '9'.repeat(17)])(
    'keeps %j as it is where a number belongs',
    async (text) => {
      const answer = await post(`price=${encodeURIComponent(text)}&keep=perhaps`);
      expect(answer.body.got).toEqual({ price: text, keep: 'perhaps' });
    },
  );

  it('is taken beside JSON, and only where the route says so', async () => {
    expect((await post('{"price":1}', '/form', 'application/json')).body).toEqual({ got: { price: 1 } });
    expect((await post('price=1', '/json')).status).toBe(415);
    expect((await post('price=1', '/form', 'application/x-www-form-urlencoded; charset=utf-16')).status).toBe(
      415,
    );
    expect((await post('price=1', '/form', 'multipart/form-data; boundary=x')).status).toBe(415);
  });

  it('reaches no prototype', async () => {
    const answer = await post(
      '__proto__[admin]=1&constructor[prototype][admin]=1&items[0][__proto__][x]=1&a=1',
    );
    expect(answer.body.got).toEqual({ a: '1' });
    expect(({} as Record<string, unknown>).admin).toBeUndefined();
  });

  it.each([
    ['more fields than an order has', `${'a=1&'.repeat(MAX_FORM_FIELDS)}b=2`],
    ['names that nest too deep', `a${'[b]'.repeat(9)}=1`],
  ])('with %s is answered 400', async (_what, text) => {
    const answer = await post(text);
    expect(answer.status).toBe(400);
    expect(answer.body.code).toBe('invalid_request');
  });
});
