import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { call, openAtProvider, purchase, readPayment } from '../support/harness/calls.js';
import { eventually } from '../support/harness/eventually.js';
import { startWorld, type World } from '../support/harness/world.js';

interface ApiDescription {
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, { properties: Record<string, object> }>> };
}

describe('what the built service shows, on the embedded database', () => {
  let world: World;

  beforeAll(async () => {
    world = await startWorld({ database: 'embedded' });
  }, 120_000);
  afterAll(() => world?.stop());

  it('the description of the API lists the routes', async () => {
    const { status, body } = await call<ApiDescription>(world.service, '/docs-json');
    expect(status).toBe(200);
    const routes = Object.entries(body.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method} ${path}`),
    );
    expect(routes).toEqual(
      expect.arrayContaining([
        'post /payments/create-session',
        'post /payments/create-payment-session',
        'get /payments/{id}',
        'get /payments',
        'post /webhooks/{provider}',
        'post /payments/webhook',
        'get /health/live',
        'get /health/ready',
        'get /events',
        'get /events/{id}',
        'post /events/{id}/replay',
      ]),
    );
  });

  it('the description of a session request holds its limits and its words', async () => {
    const { body } = await call<ApiDescription>(world.service, '/docs-json');
    const { CreateSessionDto, SessionItemDto } = body.components.schemas;
    expect(CreateSessionDto?.properties).toMatchObject({
      items: { type: 'array', minItems: 1, maxItems: 10_000 },
      ui: { type: 'string', enum: ['hosted', 'embedded'] },
      capture: { enum: ['automatic', 'manual'] },
      expiresIn: { minimum: 60, maximum: 31_536_000 },
      orderId: {
        oneOf: [
          { type: 'string', maxLength: 200 },
          { type: 'integer', minimum: 0 },
        ],
        description: expect.stringContaining('order'),
      },
    });
    expect(SessionItemDto?.properties).toMatchObject({
      name: { maxLength: 500 },
      price: { minimum: 0, exclusiveMinimum: true },
      quantity: { minimum: 1, maximum: 999_999 },
    });
  });

  it('the description of create-session says that a form is taken, and answered by a redirect', async () => {
    const { body } = await call<ApiDescription>(world.service, '/docs-json');
    expect(body.paths['/payments/create-session']?.['post']).toMatchObject({
      requestBody: { content: { 'application/json': {}, 'application/x-www-form-urlencoded': {} } },
      responses: { 201: {}, 303: {} },
    });
  });

  it('the description of the answers holds what is in them', async () => {
    const { body } = await call<ApiDescription>(world.service, '/docs-json');
    const { SessionAnswer, PaymentResource, PaymentList, EndpointAnswer } = body.components.schemas;
    expect(SessionAnswer?.properties).toMatchObject({
      url: { type: 'string' },
      checkoutId: { type: 'string' },
    });
    expect(PaymentResource?.properties).toMatchObject({
      status: {},
      amount: { type: 'number' },
      checkoutUrl: {},
    });
    expect(PaymentList?.properties).toMatchObject({
      data: { type: 'array' },
      nextCursor: { type: 'string' },
    });
    expect(EndpointAnswer?.properties).toMatchObject({ state: { enum: ['registered', 'lost', 'foreign'] } });
  });

  it('the health routes answer', async () => {
    expect(await call(world.service, '/health/live')).toMatchObject({ status: 200 });
    expect(await call(world.service, '/health/ready')).toMatchObject({
      status: 200,
      body: { status: 'ok', degraded: [], notes: [] },
    });
    const metrics = await fetch(`${world.service.url}/metrics`);
    expect([metrics.status, await metrics.text()]).toEqual([200, expect.stringContaining('# HELP')]);
  });

  it('a paid order has its receipt as a page, and the return pages open', async () => {
    const { sessionId, paymentId } = await openAtProvider(world.service, purchase());
    await world.stripe.payWithCard(sessionId);
    await eventually(async () => {
      expect(await readPayment(world.service, paymentId)).toMatchObject({ status: 'succeeded' });
    });
    for (const path of [`/payments/${paymentId}/receipt`, '/payments/success', '/payments/cancel', '/docs']) {
      const page = await fetch(`${world.service.url}${path}`, { headers: { accept: 'text/html' } });
      expect([path, page.status, page.headers.get('content-type')]).toEqual([
        path,
        200,
        expect.stringMatching(/^text\/html/),
      ]);
    }
    const receipt = await fetch(`${world.service.url}/payments/${paymentId}/receipt`, {
      headers: { accept: 'text/html' },
    });
    expect(await receipt.text()).toMatch(/39\.98/);
    for (const [path, ok] of [
      ['/payments/success', true],
      ['/payments/cancel', false],
    ] as const) {
      const { body } = await call<{ ok: boolean; message: string }>(world.service, path, undefined, {
        accept: 'application/json',
      });
      expect(body).toMatchObject({ ok, message: expect.any(String) });
    }
  });

  it('the embedded database takes no second process', async () => {
    const second = await world.newService();
    await second.start({ awaitLive: false });
    expect(await second.exited).toEqual({ code: 1, signal: null });
    expect(second.lines.join('\n')).toMatch(/in use by process \d+; an embedded database takes one process/);
  }, 60_000);

  it('the embedded database keeps its rows when the process is killed', async () => {
    const request = purchase();
    const session = await openAtProvider(world.service, request);
    await world.service.restart();
    expect(await openAtProvider(world.service, request)).toMatchObject({ paymentId: session.paymentId });
  }, 60_000);
});
