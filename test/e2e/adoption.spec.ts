import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import {
  call,
  type ErrorAnswer,
  mexicanPurchase,
  openAtProvider,
  openSession,
  paymentsOf,
  type Purchase,
  purchase,
  readPayment,
  type SessionBody,
} from '../support/harness/calls.js';
import { eventually } from '../support/harness/eventually.js';
import type { LegacyOrders } from '../support/harness/legacy.orders.js';
import type { LocalService } from '../support/harness/service.local.js';
import type { StreamReader } from '../support/harness/stream.reader.js';
import { startWorld, type World } from '../support/harness/world.js';

const IN_A_DAY = new Date(Date.now() + 86_400_000).toISOString();

describe('a payment that the replaced service opened', () => {
  let world: World;
  let orders: LegacyOrders;
  let stream: StreamReader;

  async function begin(env: Record<string, string>): Promise<void> {
    world = await startWorld({ env });
    orders = await world.startOrders();
    stream = await world.openStream();
  }
  afterEach(() => world?.stop());

  async function payLegacy(): Promise<{ orderId: string; chargeId: string }> {
    const orderId = randomUUID();
    const session = await world.stripe.legacySession({ orderId });
    const { charge } = await world.stripe.payWithCard(session.id);
    await world.stripe.delivery.settled();
    return { orderId, chargeId: charge?.id ?? '' };
  }

  async function recorded(orderId: string): Promise<void> {
    await eventually(async () => {
      expect(await world.waitingEvents()).toEqual([]);
      expect(await paymentsOf(world.service, orderId)).toMatchObject([
        { orderId, status: 'succeeded', adopted: true, amount: 3998, amountCaptured: 3998, currency: 'USD' },
      ]);
    });
  }

  it('is adopted and announced on both ways', async () => {
    await begin({});
    const { orderId, chargeId } = await payLegacy();
    await recorded(orderId);
    await eventually(() =>
      expect(orders.of(orderId)).toMatchObject([{ data: { stripePaymentId: chargeId } }]),
    );
    await eventually(async () => {
      expect(await stream.of(orderId)).toMatchObject([
        { type: 'payment.succeeded', data: { adopted: true } },
      ]);
    });
  }, 90_000);

  it('is recorded and announced to nobody, when it was paid before ADOPT_SINCE', async () => {
    await begin({ ADOPT_SINCE: IN_A_DAY });
    const { orderId } = await payLegacy();
    await recorded(orderId);
    expect(await world.sql('select id from outbox where order_id = $1', [orderId])).toEqual([]);
    expect(orders.of(orderId)).toEqual([]);
    expect(await stream.of(orderId)).toEqual([]);
  }, 90_000);
});

describe('an order whose own session is open', () => {
  let world: World;
  let service: LocalService;
  let orders: LegacyOrders;
  beforeAll(async () => {
    world = await startWorld({ services: 0, conekta: true });
    service = await world.startLocalService();
    orders = await world.startOrders();
  }, 120_000);
  afterAll(() => world?.stop());

  const worked = (sessionId: string) =>
    eventually(async () => {
      await Promise.all([world.stripe.delivery.settled(), world.conekta.delivery.settled()]);
      expect(await world.waitingEvents()).toEqual([]);
      const [row] = await world.sql<{ n: string }>(
        `select count(*) as n from webhook_inbox where convert_from(body, 'UTF8') like '%' || $1 || '%'`,
        [sessionId],
      );
      expect(Number(row?.n)).toBeGreaterThan(0);
    });
  /** The janitor asks the provider about every payment of the order. */
  async function looked(orderId: string): Promise<void> {
    await world.sql(`update payments set next_check_at = payments_now() where order_id = $1`, [orderId]);
    await eventually(async () => {
      const due = await world.sql(
        `select id from payments where order_id = $1 and next_check_at <= payments_now()`,
        [orderId],
      );
      expect(due).toEqual([]);
    });
  }
  /** It is as it was: asked for again, over REST and over NATS, it is the same session, and its money counts. */
  async function untouched(request: Purchase, opened: SessionBody & { sessionId: string }): Promise<void> {
    await looked(request.orderId);
    expect(await paymentsOf(service, request.orderId)).toMatchObject([
      { paymentId: opened.paymentId, status: 'created' },
    ]);
    expect(orders.of(request.orderId)).toEqual([]);
    expect(await openSession(service, request)).toEqual(await openSession(service, request));
    const { response } = await orders.send('create.payment.session', request);
    expect(response).toMatchObject({ paymentId: opened.paymentId, url: opened.url });
  }
  async function pays(request: Purchase, { paymentId, sessionId }: { paymentId: string; sessionId: string }) {
    const { charge } = await world.stripe.payWithCard(sessionId);
    await eventually(async () =>
      expect(await readPayment(service, paymentId)).toMatchObject({ status: 'succeeded' }),
    );
    await eventually(() =>
      expect(orders.of(request.orderId)).toMatchObject([{ data: { stripePaymentId: charge?.id } }]),
    );
  }

  it('T1f is not paid by a Payment Link whose buyer wrote its id into the address', async () => {
    const request = purchase();
    const opened = await openAtProvider(service, request);
    const link = await world.stripe.openLink({ amount: 100, clientReferenceId: request.orderId });
    await world.stripe.payWithCard(link.id);
    await worked(link.id);
    await untouched(request, opened);
    await pays(request, opened);
  }, 60_000);

  it('T1g does not end with such a link that is left to expire', async () => {
    const request = purchase();
    const opened = await openAtProvider(service, request);
    const link = await world.stripe.openLink({ amount: 100, clientReferenceId: request.orderId });
    await world.stripe.expire(link.id);
    await worked(link.id);
    await untouched(request, opened);
    await pays(request, opened);
  }, 60_000);

  it('T1h is not blocked by a voucher that is taken on such a link, paid or not', async () => {
    const request = { ...purchase(), currency: 'mxn' };
    for (const isPaid of [true, false]) {
      // Before its own session, too: the voucher is nobody's live attempt.
      const link = await world.stripe.openLink({
        amount: 5_000,
        currency: 'mxn',
        clientReferenceId: request.orderId,
      });
      await world.stripe.issueVoucher(link.id);
      if (isPaid) await world.stripe.payVoucher(link.id);
      await worked(link.id);
      const opened = await openAtProvider(service, request);
      await untouched(request, opened);
    }
  }, 60_000);

  it('T1i is not touched at Conekta by what a buyer can write there', async () => {
    const request = mexicanPurchase();
    const opened = await openSession(service, request);
    const { id } = await orderAtConekta({
      customer_info: { name: request.orderId, email: 'ana@example.com', phone: '+525512345678' },
    });
    await world.conekta.payWithCard(id);
    await worked(id);
    await looked(request.orderId);
    expect(await paymentsOf(service, request.orderId)).toMatchObject([
      { paymentId: opened.paymentId, status: 'created' },
    ]);
    expect(await openSession(service, request)).toMatchObject({ paymentId: opened.paymentId });
  }, 60_000);

  it.each(['stripe', 'conekta'])(
    'T1j stays so at %s when a server names it for another amount: that is for review',
    async (provider) => {
      const request = provider === 'stripe' ? purchase() : mexicanPurchase();
      const opened = await openSession(service, request);
      const metadata = { orderId: request.orderId };
      if (provider === 'stripe') {
        const link = await world.stripe.openLink({ amount: 100, metadata });
        await world.stripe.payWithCard(link.id);
      } else await world.conekta.payWithCard((await orderAtConekta({ metadata })).id);
      await eventually(async () => {
        expect(await paymentsOf(service, request.orderId)).toMatchObject([
          { status: 'review', adopted: true, reviewReason: 'amount_mismatch' },
          { paymentId: opened.paymentId, status: 'created' },
        ]);
      });
      await looked(request.orderId);
      expect(await openSession(service, request)).toMatchObject({ paymentId: opened.paymentId });
      const { response } = await orders.send('create.payment.session', request);
      expect(response).toMatchObject({ paymentId: opened.paymentId });
      expect(orders.of(request.orderId)).toEqual([]);
    },
    60_000,
  );

  it('T7d is paid by a session of the replaced service that a promotion code made free', async () => {
    const orderId = randomUUID();
    const session = await world.stripe.legacySession({
      orderId,
      metadata: { orderId },
      promotionCodes: true,
    });
    await world.stripe.redeemFully(session.id);
    await eventually(async () => {
      expect(await paymentsOf(service, orderId)).toMatchObject([
        { status: 'succeeded', adopted: true, amount: 0, amountCaptured: 0 },
      ]);
    });
    const [payment] = await paymentsOf(service, orderId);
    const receiptUrl = `${service.url}/payments/${payment?.paymentId}/receipt`;
    expect(new URL(payment?.receiptUrl ?? '').pathname).toBe(new URL(receiptUrl).pathname);
    await eventually(() =>
      expect(orders.of(orderId)).toMatchObject([
        { data: { stripePaymentId: session.id, orderId, receiptUrl: payment?.receiptUrl } },
      ]),
    );
    expect((await fetch(receiptUrl)).status).toBe(200);
    const again = await call<ErrorAnswer>(service, '/payments/create-session', { ...purchase(), orderId });
    expect(again.body.code).toBe('order_already_paid');
  }, 60_000);

  it.each(['stripe', 'conekta'])('T7e cannot be asked for with nothing to pay, at %s', async (provider) => {
    const asked = provider === 'stripe' ? purchase() : mexicanPurchase();
    const free = { ...asked, items: [{ name: 'Nada', price: 0, quantity: 1 }] };
    const { status } = await call<ErrorAnswer>(service, '/payments/create-session', free);
    expect([400, 422]).toContain(status);
    expect(await orders.send('create.payment.session', free)).toMatchObject({ err: expect.anything() });
  });

  async function orderAtConekta(changes: object): Promise<{ id: string }> {
    const answer = await fetch(`${world.conekta.url}/orders`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${world.conekta.privateKey}`,
        accept: 'application/vnd.conekta-v2.3.0+json',
        'content-type': 'application/json',
      },
      body: JSON.stringify({
        currency: 'MXN',
        customer_info: { name: 'Ana Prueba', email: 'ana@example.com', phone: '+525512345678' },
        line_items: [{ name: 'Silla', unit_price: 5_000, quantity: 1 }],
        checkout: { type: 'HostedPayment', allowed_payment_methods: ['card'], name: 'Silla' },
        ...changes,
      }),
    });
    const order: { id: string } = JSON.parse(await answer.text());
    return order;
  }
});
