import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { isURL } from 'class-validator';
import { isJson } from '../../src/providers/json.read.js';
import {
  call,
  type ErrorAnswer,
  mexicanPurchase,
  openAtProvider,
  openSession,
  paymentsOf,
  readPayment,
} from '../support/harness/calls.js';
import { eventually } from '../support/harness/eventually.js';
import { expectNoWebhookLost, expectOneSuccessEach } from '../support/harness/invariants.js';
import type { LegacyOrders } from '../support/harness/legacy.orders.js';
import type { LocalService } from '../support/harness/service.local.js';
import type { StreamReader } from '../support/harness/stream.reader.js';
import { startWorld, type World } from '../support/harness/world.js';

const PUBLIC_URL = 'https://payments.shop.example';
const DECLINED = '4000000000000002';
const DAY_S = 86_400;

describe('what becomes of a payment at Conekta', () => {
  let world: World;
  let service: LocalService;
  let stream: StreamReader;
  let orders: LegacyOrders;

  beforeAll(async () => {
    world = await startWorld({ services: 0, conekta: true });
    service = await world.startLocalService({ PUBLIC_URL });
    stream = await world.openStream();
    orders = await world.startOrders();
  }, 120_000);
  afterAll(() => world?.stop());

  interface Opened {
    orderId: string;
    paymentId: string;
    /** The checkout's id. */
    sessionId: string;
  }

  async function opened(extra: object = {}): Promise<Opened> {
    const request = mexicanPurchase(extra);
    const { paymentId, sessionId } = await openAtProvider(service, request);
    return { orderId: request.orderId, paymentId, sessionId };
  }

  /** The events of the payment, once there are as many, and the payment as it is then. */
  async function expectStory(
    { orderId, paymentId }: Opened,
    types: string[],
    payment: object,
  ): Promise<void> {
    await world.conekta.delivery.settled();
    await eventually(async () => {
      expect(await world.waitingEvents()).toEqual([]);
      expect(await stream.typesOf(orderId)).toEqual(types);
      expect(await readPayment(service, paymentId)).toMatchObject(payment);
    });
  }

  /** The one message to an unmodified orders service, with a receipt that its validator takes. */
  async function expectOrdersTold({ orderId, paymentId }: Opened): Promise<void> {
    const { providerIds } = await readPayment(service, paymentId);
    const receiptUrl = `${PUBLIC_URL}/payments/${paymentId}/receipt`;
    // What an orders service checks it with.
    expect(isURL(receiptUrl)).toBe(true);
    const told = [{ data: { stripePaymentId: providerIds.charge, orderId, receiptUrl } }];
    await eventually(() => expect(orders.of(orderId)).toMatchObject(told));
    const page = await fetch(`${service.url}/payments/${paymentId}/receipt`, {
      headers: { accept: 'text/html' },
    });
    expect(page.status).toBe(200);
  }

  async function paid(extra: object = {}): Promise<Opened> {
    const payment = await opened(extra);
    await world.conekta.payWithCard(payment.sessionId);
    await expectStory(payment, ['payment.created', 'payment.succeeded'], { status: 'succeeded' });
    return payment;
  }

  /** An order that this service did not ask for, with these metadata; its id. */
  async function orderFrom(metadata: object): Promise<string> {
    const answer = await fetch(`${world.conekta.url}/orders`, {
      method: 'POST',
      headers: {
        accept: 'application/vnd.conekta-v2.3.0+json',
        'content-type': 'application/json',
        authorization: `Bearer ${world.conekta.privateKey}`,
      },
      body: JSON.stringify({
        currency: 'MXN',
        customer_info: { name: 'Ana Prueba', email: 'ana@example.com', phone: '+525512345678' },
        line_items: [{ name: 'Silla', unit_price: 50_000, quantity: 1 }],
        checkout: { type: 'HostedPayment', allowed_payment_methods: ['card'] },
        metadata,
      }),
    });
    const order: unknown = await answer.json();
    return isJson(order) ? String(order.id) : '';
  }

  it('an embedded session says what its component needs, and its page is ours', async () => {
    const session = await openSession(service, mexicanPurchase({ ui: 'embedded' }));
    const [order] = world.conekta
      .state()
      .orders.filter(({ checkout }) => checkout?.id === session.checkoutId);
    expect(session).toMatchObject({
      provider: 'conekta',
      status: 'created',
      publicKey: world.conekta.publicKey,
      url: `${PUBLIC_URL}/pay/${session.paymentId}`,
    });
    expect(order).toMatchObject({ amount: 85_050, currency: 'MXN', checkout: { type: 'Integration' } });
    expect(order?.metadata).toMatchObject({ paymentId: session.paymentId });
  });

  it('a hosted session is the page of Conekta, which returns to the shop', async () => {
    const session = await openSession(service, mexicanPurchase());
    expect(session.url).toMatch(new RegExp(`^${world.conekta.url}/checkout/`));
    expect(session.checkoutId).toBeUndefined();
  });

  it('a card by the component succeeds once, with all its terms', async () => {
    const payment = await opened({ ui: 'embedded', installments: [3, 6], metadata: { table: '7' } });
    await world.conekta.payWithCard(payment.sessionId, { installments: 6 });
    await expectStory(payment, ['payment.created', 'payment.succeeded'], {
      status: 'succeeded',
      amountCaptured: 85_050,
      currency: 'MXN',
      metadata: { table: '7' },
      paymentMethod: { type: 'card', last4: '4242', installments: 6 },
    });
    await expectOrdersTold(payment);
  });

  it('a declined card leaves it open, and the next one pays', async () => {
    const payment = await opened({ ui: 'embedded' });
    await world.conekta.payWithCard(payment.sessionId, { number: DECLINED });
    await expectStory(payment, ['payment.created', 'payment.attempt_failed'], { status: 'created' });
    await world.conekta.payWithCard(payment.sessionId);
    await expectStory(payment, ['payment.created', 'payment.attempt_failed', 'payment.succeeded'], {
      status: 'succeeded',
    });
    await expectOrdersTold(payment);
  });

  it.each([
    ['cash', 'reference', 'issueCash', 'payVoucher'],
    ['bank_transfer', 'clabe', 'issueTransfer', 'receiveTransfer'],
  ] as const)('%s is pending with its %s, and succeeds days later', async (method, field, issue, pay) => {
    const payment = await opened({ paymentMethods: [method], expiresIn: 5 * DAY_S });
    await world.conekta[issue](payment.sessionId);
    await expectStory(payment, ['payment.created', 'payment.pending'], {
      status: 'pending',
      paymentMethod: { type: method, [field]: expect.stringMatching(/^\d{10,18}$/) },
    });
    expect(orders.of(payment.orderId)).toEqual([]);
    await world.conekta.advance(2 * DAY_S);
    await world.conekta[pay](payment.sessionId);
    await expectStory(payment, ['payment.created', 'payment.pending', 'payment.succeeded'], {
      status: 'succeeded',
      paymentMethod: { type: method },
    });
    await expectOrdersTold(payment);
  });

  it('a voucher that nobody pays expires, and the order may be paid in another way', async () => {
    const payment = await opened({ paymentMethods: ['cash'], expiresIn: 10 * DAY_S });
    await world.conekta.issueCash(payment.sessionId);
    await expectStory(payment, ['payment.created', 'payment.pending'], { status: 'pending' });
    await world.conekta.advance(32 * DAY_S);
    await expectStory(payment, ['payment.created', 'payment.pending', 'payment.expired'], {
      status: 'expired',
    });
    const again = await openAtProvider(service, mexicanPurchase({ orderId: payment.orderId }));
    expect(again.paymentId).not.toBe(payment.paymentId);
  });

  it('a voucher that is paid after it ran out counts, and what was opened instead is closed', async () => {
    const payment = await opened({ paymentMethods: ['cash'], expiresIn: 60 * DAY_S });
    await world.conekta.issueCash(payment.sessionId);
    await expectStory(payment, ['payment.created', 'payment.pending'], { status: 'pending' });
    await world.conekta.advance(90 * DAY_S);
    await expectStory(payment, ['payment.created', 'payment.pending', 'payment.expired'], {
      status: 'expired',
    });
    const instead = await openAtProvider(
      service,
      mexicanPurchase({ orderId: payment.orderId, provider: 'stripe', customer: undefined }),
    );
    await world.conekta.payVoucher(payment.sessionId, { late: true });
    await eventually(async () => {
      expect(await readPayment(service, payment.paymentId)).toMatchObject({ status: 'succeeded' });
      expect(await readPayment(service, instead.paymentId)).toMatchObject({ status: 'canceled' });
    });
    await expectOrdersTold(payment);
  });

  it('an order of somebody else on the account concerns nobody here; one of the replaced service is told', async () => {
    const [foreign, theirs] = [await orderFrom({ shop: 'other' }), await orderFrom({ orderId: 471_100 })];
    await world.conekta.payWithCard(foreign);
    await world.conekta.payWithCard(theirs);
    await world.conekta.delivery.settled();
    await eventually(async () => {
      expect(await world.waitingEvents()).toEqual([]);
      expect(orders.of('471100')).toHaveLength(1);
    });
    const about = (id: string) =>
      world.sql<{ state: string }>(
        `select distinct state from webhook_inbox where convert_from(body, 'UTF8') like $1`,
        [`%${id}%`],
      );
    expect(await about(foreign)).toEqual([{ state: 'ignored' }]);
  });

  it('taxes, shipping and a discount are part of what is paid', async () => {
    const payment = await paid({
      items: [{ name: 'Silla', unitAmount: 10_000, quantity: 2 }],
      taxes: [{ name: 'IVA', unitAmount: 3_200 }],
      shipping: [{ name: 'Envío', price: 99 }],
      discounts: [{ name: 'Bienvenida', unitAmount: 1_000 }],
    });
    expect(await readPayment(service, payment.paymentId)).toMatchObject({
      amount: 32_100,
      amountCaptured: 32_100,
    });
  });

  it('money that is only held is not announced as paid before it is captured', async () => {
    const payment = await opened({ capture: 'manual' });
    await world.conekta.payWithCard(payment.sessionId);
    await expectStory(payment, ['payment.created', 'payment.authorized'], { status: 'authorized' });
    expect(orders.of(payment.orderId)).toEqual([]);
    await world.conekta.capture(payment.sessionId);
    await expectStory(payment, ['payment.created', 'payment.authorized', 'payment.succeeded'], {
      status: 'succeeded',
      amountCaptured: 85_050,
    });
    await expectOrdersTold(payment);
  });

  it('of money that is held a part may be captured, or all of it is let go of', async () => {
    const [part, none] = [await opened({ capture: 'manual' }), await opened({ capture: 'manual' })];
    await world.conekta.payWithCard(part.sessionId);
    await world.conekta.payWithCard(none.sessionId);
    const held = ['payment.created', 'payment.authorized'];
    await expectStory(part, held, { status: 'authorized' });
    await expectStory(none, held, { status: 'authorized' });
    await world.conekta.capture(part.sessionId, 50_000);
    await world.conekta.cancel(none.sessionId);
    await expectStory(part, [...held, 'payment.succeeded'], { status: 'succeeded', amountCaptured: 50_000 });
    await expectStory(none, [...held, 'payment.canceled'], { status: 'canceled', amountCaptured: 0 });
    await expectOrdersTold(part);
    expect(orders.of(none.orderId)).toEqual([]);
  });

  it('T9r a hold that is let go of by a refund in the panel is canceled: no success, no refund, nothing waits', async () => {
    const payment = await opened({ capture: 'manual' });
    await world.conekta.payWithCard(payment.sessionId);
    const held = ['payment.created', 'payment.authorized'];
    await expectStory(payment, held, { status: 'authorized' });
    await world.conekta.refundHold(payment.sessionId);
    await expectStory(payment, [...held, 'payment.canceled'], {
      status: 'canceled',
      amountCaptured: 0,
      amountRefunded: 0,
    });
    const again = await openAtProvider(service, mexicanPurchase({ orderId: payment.orderId }));
    expect(again.paymentId).not.toBe(payment.paymentId);
    expect(orders.of(payment.orderId)).toEqual([]);
  });

  it('refunds are told one by one, and never exceed what came in', async () => {
    const payment = await paid();
    await world.conekta.refund(payment.sessionId, 15_050);
    const begun = ['payment.created', 'payment.succeeded', 'refund.created', 'refund.succeeded'];
    await expectStory(payment, begun, { status: 'partially_refunded', amountRefunded: 15_050 });
    await expect(world.conekta.refund(payment.sessionId, 70_001)).rejects.toThrow();
    await world.conekta.refund(payment.sessionId);
    await expectStory(payment, [...begun, 'refund.created', 'refund.succeeded'], {
      status: 'refunded',
      amountRefunded: 85_050,
    });
  });

  it('a chargeback is one dispute, whatever reports it', async () => {
    const payment = await paid();
    await world.conekta.openChargeback(payment.sessionId);
    await eventually(async () => {
      expect(await readPayment(service, payment.paymentId)).toMatchObject({ disputed: true });
    });
    await world.conekta.closeChargeback(payment.sessionId, 'lost');
    await world.conekta.delivery.settled();
    await eventually(async () => {
      const types = (await stream.typesOf(payment.orderId)).slice(2);
      expect(types.filter((type) => type === 'dispute.opened')).toHaveLength(1);
      expect(types.filter((type) => type === 'dispute.lost')).toHaveLength(1);
      expect(await readPayment(service, payment.paymentId)).toMatchObject({ disputed: false });
    });
  });

  it('T10q a chargeback that was lost and is won later is told so, each time with its stage', async () => {
    const payment = await paid();
    const typesAre = async (types: string[]): Promise<void> => {
      await world.conekta.delivery.settled();
      await eventually(async () => {
        expect((await stream.typesOf(payment.orderId)).slice(2)).toEqual(types);
      });
    };
    await world.conekta.openChargeback(payment.sessionId);
    await typesAre(['dispute.opened']);
    await world.conekta.updateChargeback(payment.sessionId);
    await typesAre(['dispute.opened', 'dispute.updated']);
    await world.conekta.closeChargeback(payment.sessionId, 'lost');
    await typesAre(['dispute.opened', 'dispute.updated', 'dispute.lost']);
    await world.conekta.closeChargeback(payment.sessionId, 'won');
    await typesAre(['dispute.opened', 'dispute.updated', 'dispute.lost', 'dispute.won']);
    const disputes = (await stream.of(payment.orderId)).slice(2).map(({ data }) => data);
    expect(disputes).toMatchObject([
      { dispute: { stage: 'action_required', inquiry: false } },
      { dispute: { stage: 'under_review' } },
      { dispute: { status: 'lost', stage: 'lost' } },
      { dispute: { status: 'won', stage: 'won' } },
    ]);
    expect(await readPayment(service, payment.paymentId)).toMatchObject({
      disputed: false,
      status: 'succeeded',
    });
  });

  it('money for another amount than was asked for is put before a person', async () => {
    const payment = await opened();
    await world.conekta.alterOrder(payment.sessionId, { amount: 50_000 });
    await world.conekta.payWithCard(payment.sessionId);
    await expectStory(payment, ['payment.created', 'payment.review'], {
      status: 'review',
      reviewReason: 'amount_mismatch',
    });
    expect(orders.of(payment.orderId)).toEqual([]);
  });

  it('is found out by asking when every one of its webhooks was lost', async () => {
    const payment = await opened();
    world.conekta.delivery.set({ drop: { all: true } });
    await world.conekta.payWithCard(payment.sessionId);
    await world.conekta.delivery.settled();
    world.conekta.delivery.set({ drop: null });
    await world.sql(`update payments set next_check_at = payments_now() where id = '${payment.paymentId}'`);
    await expectStory(payment, ['payment.created', 'payment.succeeded'], { status: 'succeeded' });
  });

  it('is paid once when it is paid before the answer to its making is here', async () => {
    const request = mexicanPurchase();
    world.conekta.faults.add({ kind: 'hang_after_acting', method: 'POST', path: '/orders', exact: true });
    const asked = openSession(service, request).catch((error: unknown) => error);
    const order = await eventually(() => {
      const found = world.conekta.state().orders.find(({ metadata }) => metadata.orderId === request.orderId);
      if (found === undefined) throw new Error('the order is not there yet');
      return found;
    });
    await world.conekta.payWithCard(order.id);
    const types = ['payment.created', 'payment.succeeded'];
    await eventually(async () => expect(await stream.typesOf(request.orderId)).toEqual(types));
    world.conekta.faults.release();
    await asked;
    await world.sql(`update provider_operations set lease_until = payments_now() where state = 'unknown'`);
    await eventually(async () => {
      const open = await world.sql(`select id from provider_operations where state in ('sent', 'unknown')`);
      expect(open).toEqual([]);
    });
    expect(await stream.typesOf(request.orderId)).toEqual(types);
    const made = world.conekta.state().orders.filter(({ metadata }) => metadata.orderId === request.orderId);
    expect(made.map(({ id }) => id)).toEqual([order.id]);
    expect(await paymentsOf(service, request.orderId)).toMatchObject([{ status: 'succeeded' }]);
  });

  it('a voucher of a session that we closed is put before a person when it is paid all the same', async () => {
    const payment = await opened({ paymentMethods: ['cash'] });
    const { providerIds } = await readPayment(service, payment.paymentId);
    const path = `/orders/${providerIds.payment ?? ''}/cancel`;
    world.conekta.faults.add({ kind: 'delay', delayMs: 1_500, method: 'POST', path });
    const instead = openSession(service, mexicanPurchase({ orderId: payment.orderId }));
    await eventually(() => expect(world.conekta.faults.list()).toEqual([]));
    await world.conekta.issueCash(payment.sessionId);
    await instead;
    expect(await readPayment(service, payment.paymentId)).toMatchObject({ status: 'canceled' });
    await world.conekta.payVoucher(payment.sessionId, { late: true });
    await eventually(async () => {
      expect(await readPayment(service, payment.paymentId)).toMatchObject({
        status: 'review',
        reviewReason: 'late_payment',
      });
    });
    expect(orders.of(payment.orderId)).toEqual([]);
  });

  it('a response that was lost after Conekta acted leaves one order there', async () => {
    const request = mexicanPurchase();
    const before = world.conekta.state().orders.length;
    world.conekta.faults.add({ kind: 'reset_after_acting', method: 'POST', path: '/orders' });
    await expect(openSession(service, request)).rejects.toThrow('unknown_outcome');
    await world.sql(`update provider_operations set lease_until = payments_now() where state = 'unknown'`);
    const session = await eventually(async () => {
      const [payment] = await paymentsOf(service, request.orderId);
      expect(payment?.status).toBe('created');
      return openSession(service, request);
    });
    expect(world.conekta.state().orders).toHaveLength(before + 1);
    expect(session.url).toMatch(/\/checkout\//);
  });

  it('the same content gives the open session, and other content closes it first', async () => {
    const request = mexicanPurchase();
    const first = await openSession(service, request);
    expect(await openSession(service, request)).toEqual(first);
    const dearer = { ...request, items: [{ name: 'Silla', price: 900, quantity: 1 }] };
    const second = await openSession(service, dearer);
    expect(second.paymentId).not.toBe(first.paymentId);
    expect(await readPayment(service, first.paymentId)).toMatchObject({ status: 'canceled' });
    const { providerIds } = await readPayment(service, first.paymentId);
    await expect(world.conekta.payWithCard(providerIds.session ?? '')).rejects.toThrow();
  });

  describe('whose paid charge is on the second page of the charges', () => {
    /** Over REST, and as an orders service asks. */
    const ASKS: [string, (request: object) => Promise<unknown>][] = [
      [
        'REST',
        async (request) => (await call<ErrorAnswer>(service, '/payments/create-session', request)).body,
      ],
      ['NATS', async (request) => (await orders.send('create.payment.session', request)).err],
    ];

    beforeEach(() => world.conekta.setPages({ rows: 2, oldestFirst: true }));
    afterEach(() => world.conekta.setPages({ rows: 20, oldestFirst: false }));

    /** Declined twice, then paid; what the webhooks tell of it is lost. */
    async function paidUnheard(): Promise<Opened> {
      const payment = await opened({ ui: 'embedded' });
      world.conekta.delivery.set({ drop: { all: true } });
      for (const number of [DECLINED, DECLINED, undefined])
        await world.conekta.payWithCard(payment.sessionId, number === undefined ? {} : { number });
      await world.conekta.delivery.settled();
      world.conekta.delivery.set({ drop: null });
      return payment;
    }

    function ordersAtConekta(orderId: string): unknown[] {
      return world.conekta.state().orders.filter(({ metadata }) => metadata.orderId === orderId);
    }

    it('T5a is paid by what the webhooks lead to, and the orders service is told', async () => {
      const payment = await opened({ ui: 'embedded' });
      await world.conekta.payWithCard(payment.sessionId, { number: DECLINED });
      await world.conekta.payWithCard(payment.sessionId, { number: DECLINED });
      const declined = ['payment.created', 'payment.attempt_failed', 'payment.attempt_failed'];
      await expectStory(payment, declined, { status: 'created' });
      await world.conekta.payWithCard(payment.sessionId);
      await expectStory(payment, [...declined, 'payment.succeeded'], { status: 'succeeded' });
      await expectOrdersTold(payment);
    });

    it.each(ASKS)(
      'T5b opens no second session for what Conekta calls paid, asked over %s',
      async (_, ask) => {
        const payment = await paidUnheard();
        const other = mexicanPurchase({
          orderId: payment.orderId,
          items: [{ name: 'Mesa', price: 900, quantity: 1 }],
        });
        expect(await ask(other)).toMatchObject({ code: 'order_already_paid' });
        expect(ordersAtConekta(payment.orderId)).toHaveLength(1);
        await expectOrdersTold(payment);
      },
    );

    it.each(ASKS)(
      'T5c opens none while the charge that paid cannot be read, asked over %s, and counts it later',
      async (_, ask) => {
        const payment = await paidUnheard();
        const { providerIds } = await readPayment(service, payment.paymentId);
        const path = `/orders/${providerIds.payment ?? ''}/charges`;
        world.conekta.faults.add({ kind: 'status', status: 500, method: 'GET', path, count: 0 });
        const other = mexicanPurchase({
          orderId: payment.orderId,
          items: [{ name: 'Mesa', price: 900, quantity: 1 }],
        });
        expect(await ask(other)).toMatchObject({ code: 'order_payment_pending' });
        expect(ordersAtConekta(payment.orderId)).toHaveLength(1);
        expect(await readPayment(service, payment.paymentId)).toMatchObject({ status: 'created' });
        world.conekta.faults.clear();
        await world.sql(
          `update payments set next_check_at = payments_now() where id = '${payment.paymentId}'`,
        );
        await eventually(async () => {
          expect(await readPayment(service, payment.paymentId)).toMatchObject({ status: 'succeeded' });
        });
        await expectOrdersTold(payment);
      },
    );
  });

  it('T24k a row from before with an unusable receipt shows ours, over REST and over NATS', async () => {
    const { paymentId } = await paid();
    await world.sql('update payments set receipt_url = $1 where id = $2', ['javascript:alert(1)', paymentId]);
    const receiptUrl = `${PUBLIC_URL}/payments/${paymentId}/receipt`;
    expect(await readPayment(service, paymentId)).toMatchObject({ receiptUrl });
    expect(await orders.send('payments.get', { paymentId })).toMatchObject({ response: { receiptUrl } });
  });

  it('leaves nothing lost, and nothing told twice', async () => {
    await expectNoWebhookLost(world);
    await expectOneSuccessEach(world);
  });
});
