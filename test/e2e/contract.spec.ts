import 'reflect-metadata';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { plainToInstance } from 'class-transformer';
import { IsString, IsUrl, IsUUID, validate } from 'class-validator';
import { openAtProvider, purchase } from '../support/harness/calls.js';
import { eventually } from '../support/harness/eventually.js';
import type { LegacyOrders } from '../support/harness/legacy.orders.js';
import { startWorld, type World } from '../support/harness/world.js';

const SUBJECT = 'create.payment.session';
/** As the services with `{cmd: …}` patterns put it on the wire. */
const OBJECT_SUBJECT = JSON.stringify({ cmd: SUBJECT });
const REQUESTS = 40;
const SUCCESS_URL = 'https://shop.example/paid?session_id={CHECKOUT_SESSION_ID}&next=/';

/** The receiving handler's DTO in an orders service of the architecture. */
class PaidOrderDto {
  @IsString()
  stripePaymentId!: string;

  @IsString()
  @IsUUID()
  orderId!: string;

  @IsString()
  @IsUrl()
  receiptUrl!: string;
}

describe('what an unmodified orders service sends and expects', () => {
  let world: World;
  let orders: LegacyOrders;

  beforeAll(async () => {
    world = await startWorld({ services: 2, env: { STRIPE_SUCCESS_URL: SUCCESS_URL } });
    orders = await world.startOrders();
  });
  afterAll(() => world?.stop());

  /** The request's bytes as CONTRACTS give them, and the one reply to them. */
  async function ask(subject: string, pattern: unknown, data: object): Promise<Record<string, unknown>> {
    const packet = JSON.stringify({ pattern, data, id: 'a-request' });
    const { replies } = await orders.sendRaw(subject, packet);
    return eventually(() => {
      expect(replies).toHaveLength(1);
      return JSON.parse(replies[0] ?? '');
    });
  }

  it.each([
    ['the plain subject', SUBJECT, SUBJECT],
    ['the {cmd} pattern', OBJECT_SUBJECT, { cmd: SUBJECT }],
  ])('a session asked for by %s is answered with its three URLs', async (_name, subject, pattern) => {
    const reply = await ask(subject, pattern, purchase());
    expect(reply).toMatchObject({
      id: 'a-request',
      isDisposed: true,
      response: {
        cancelUrl: expect.stringMatching(/^https?:\/\//),
        successUrl: expect.stringMatching(/^https?:\/\//),
        url: expect.stringMatching(/^https?:\/\//),
      },
    });
  });

  it('S12c the configured success URL comes back as it is, with the place for the session’s id', async () => {
    for (const [subject, pattern] of [
      [SUBJECT, SUBJECT],
      [OBJECT_SUBJECT, { cmd: SUBJECT }],
    ] as const) {
      const { response } = await ask(subject, pattern, purchase());
      expect(response).toMatchObject({ successUrl: SUCCESS_URL, success_url: SUCCESS_URL });
    }
  });

  it('a price with too many decimals is rounded half up: 1.005 is 101 cents', async () => {
    const request = purchase({ items: [{ name: 'Sticker', price: 1.005, quantity: 1 }] });
    const { response } = await ask(SUBJECT, SUBJECT, request);
    const { paymentId } = Object.assign({ paymentId: '' }, response);
    const payment = await orders.send('payments.get', { paymentId });
    expect(payment.response).toMatchObject({ amount: 101, currency: 'USD', orderId: request.orderId });
  });

  it('the event of a paid order has exactly its three keys, and passes the receiving DTO', async () => {
    const { orderId, ...request } = purchase();
    const { sessionId } = await openAtProvider(world.service, { orderId, ...request });
    const { charge } = await world.stripe.payWithCard(sessionId);
    const message = await eventually(() => {
      const found = orders.messages.find((one) => one.includes(orderId));
      expect(found).toBeDefined();
      return found ?? '';
    });
    const receiptUrl = charge?.receipt_url ?? '';
    const data = { stripePaymentId: charge?.id, orderId, receiptUrl };
    expect(JSON.parse(message)).toEqual({ pattern: 'payment.succeeded', data });
    const dto = plainToInstance(PaidOrderDto, data);
    expect(await validate(dto, { whitelist: true, forbidNonWhitelisted: true })).toEqual([]);
  });

  it.each([
    ['a price below zero', { items: [{ name: 'A', price: -1, quantity: 1 }] }, 'items[0].price'],
    ['half a piece', { items: [{ name: 'A', price: 1, quantity: 0.5 }] }, 'items[0].quantity'],
    ['no items at all', { items: [] }, 'items'],
    ['a currency that is none', { currency: 'zzz' }, 'currency'],
    ['an unknown field', { status: 'paid' }, 'status'],
  ])('%s is refused with an error that names the field', async (_name, extra, field) => {
    const { err, response } = await ask(SUBJECT, SUBJECT, purchase(extra));
    expect(response).toBeUndefined();
    expect(err).toMatchObject({
      code: 'invalid_request',
      message: expect.any(String),
      details: expect.arrayContaining([{ field, rule: expect.any(String) }]),
    });
  });

  it('with two processes each request is answered once, and one session is made for it', async () => {
    const requests = Array.from({ length: REQUESTS }, () => purchase());
    const sent = await Promise.all(
      requests.map((data) => orders.sendRaw(SUBJECT, JSON.stringify({ pattern: SUBJECT, data, id: '1' }))),
    );
    await eventually(() => {
      for (const { replies } of sent) expect(replies.length).toBeGreaterThanOrEqual(1);
    });
    // A second process that answered too would have made its call by the time that ours was answered again.
    const again = await Promise.all(requests.map((data) => orders.send(SUBJECT, data)));
    const first = sent.map(({ replies }): object => JSON.parse(replies[0] ?? ''));
    expect(first).toEqual(again.map(({ response }) => expect.objectContaining({ response })));
    for (const { replies } of sent) expect(replies).toHaveLength(1);
    const { sessions } = world.stripe.state();
    const ids = new Set(requests.map(({ orderId }) => orderId));
    expect(sessions.filter(({ metadata }) => ids.has(metadata.orderId ?? ''))).toHaveLength(REQUESTS);
  });

  it('either process answers when the other one is gone', async () => {
    for (const service of world.services) {
      await service.kill9();
      expect(await orders.send(SUBJECT, purchase())).toMatchObject({ response: { provider: 'stripe' } });
      await service.restart();
      await service.ready();
    }
  });
});
