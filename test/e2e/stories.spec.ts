import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { thinIdOf } from '../../sandbox/stripe/thin.event.js';
import { openAtProvider, type PaymentBody, purchase, readPayment } from '../support/harness/calls.js';
import { eventually } from '../support/harness/eventually.js';
import type { LegacyOrders } from '../support/harness/legacy.orders.js';
import type { LocalService } from '../support/harness/service.local.js';
import type { StreamReader } from '../support/harness/stream.reader.js';
import { startWorld, type World } from '../support/harness/world.js';

const DECLINED = { number: '4000000000000002' };
const VOUCHER_DAYS = 4;
const DAY_S = 86_400;

function permutations<Item>(items: readonly Item[]): Item[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((first) =>
    permutations(items.filter((item) => item !== first)).map((rest) => [first, ...rest]),
  );
}

describe.each(['snapshot', 'thin'] as const)('what becomes of a payment, told by %s events', (payload) => {
  let world: World;
  let service: LocalService;
  let stream: StreamReader;
  let orders: LegacyOrders;

  beforeAll(async () => {
    world = await startWorld({ services: 0, payload });
    service = await world.startLocalService();
    stream = await world.openStream();
    orders = await world.startOrders();
  }, 120_000);
  afterAll(() => world?.stop());

  interface Opened {
    orderId: string;
    paymentId: string;
    sessionId: string;
  }

  async function opened(extra: object = {}): Promise<Opened> {
    const request = purchase(extra);
    const { paymentId, sessionId } = await openAtProvider(service, request);
    return { orderId: request.orderId, paymentId, sessionId };
  }

  /** The events of the payment, once there are as many, and the payment as it is then. */
  async function expectStory(
    { orderId, paymentId }: Opened,
    types: string[],
    payment: object,
  ): Promise<void> {
    await world.stripe.delivery.settled();
    await eventually(async () => {
      expect(await world.waitingEvents()).toEqual([]);
      expect(await stream.typesOf(orderId)).toEqual(types);
      expect(await readPayment(service, paymentId)).toMatchObject(payment);
    });
    const versions = (await stream.of(orderId)).map(({ data }) => data.version);
    expect(versions).toEqual([...versions].sort((left, right) => left - right));
  }

  async function paid(): Promise<Opened & { chargeId: string }> {
    const payment = await opened();
    const { charge } = await world.stripe.payWithCard(payment.sessionId);
    await expectStory(payment, ['payment.created', 'payment.succeeded'], { status: 'succeeded' });
    return { ...payment, chargeId: charge?.id ?? '' };
  }

  /** The events of a payment that was made while nothing was delivered, by their type. */
  async function paidInSilence({ sessionId }: Opened) {
    const before = world.stripe.events.length;
    world.stripe.delivery.set({ drop: { all: true } });
    const { charge } = await world.stripe.payWithCard(sessionId);
    await world.stripe.delivery.settled();
    world.stripe.delivery.set({ drop: null });
    return { charge, events: world.stripe.events.slice(before) };
  }

  it.each(['checkout.session.completed', 'payment_intent.succeeded', 'charge.succeeded'])(
    'has its charge and its receipt right when %s comes first, and says no more when the others follow',
    async (first) => {
      const payment = await opened();
      const { charge, events } = await paidInSilence(payment);
      const data = { stripePaymentId: charge?.id, orderId: payment.orderId, receiptUrl: charge?.receipt_url };
      const earliest = events.filter(({ type }) => type === first);
      expect(earliest).toHaveLength(1);
      for (const { id } of earliest) world.stripe.delivery.resend(id);
      await expectStory(payment, ['payment.created', 'payment.succeeded'], {
        providerIds: { charge: charge?.id },
        receiptUrl: charge?.receipt_url,
      });
      await eventually(() => expect(orders.of(payment.orderId)).toMatchObject([{ data }]));

      for (const { id } of events) world.stripe.delivery.resend(id);
      await expectStory(payment, ['payment.created', 'payment.succeeded'], { status: 'succeeded' });
      expect(orders.of(payment.orderId)).toMatchObject([{ data }]);
    },
  );

  it('is found out by asking when every one of its webhooks was lost', async () => {
    const payment = await opened();
    const { charge } = await paidInSilence(payment);
    expect((await readPayment(service, payment.paymentId)).status).toBe('created');
    await world.sql(`update payments set next_check_at = payments_now() where id = '${payment.paymentId}'`);
    await expectStory(payment, ['payment.created', 'payment.succeeded'], {
      providerIds: { charge: charge?.id },
      receiptUrl: charge?.receipt_url,
    });
  });

  const voucher = {
    currency: 'mxn',
    items: [{ name: 'Silla', price: 850.5, quantity: 1 }],
    paymentMethods: ['cash'],
  };

  it('a voucher is pending once it is issued, and succeeds once when it is paid at the shop', async () => {
    const payment = await opened(voucher);
    await world.stripe.issueVoucher(payment.sessionId);
    await expectStory(payment, ['payment.created', 'payment.pending'], { status: 'pending' });
    const pending = await readPayment(service, payment.paymentId);
    expect(pending.paymentMethod).toMatchObject({
      type: 'cash',
      reference: expect.stringMatching(/^\d{10,}$/),
    });
    expect(orders.of(payment.orderId)).toEqual([]);

    const { charge } = await world.stripe.payVoucher(payment.sessionId);
    await expectStory(payment, ['payment.created', 'payment.pending', 'payment.succeeded'], {
      status: 'succeeded',
      amountCaptured: 85050,
      currency: 'MXN',
    });
    await eventually(() =>
      expect(orders.of(payment.orderId)).toMatchObject([{ data: { stripePaymentId: charge?.id } }]),
    );
  });

  it('a voucher that nobody pays ends, and the order may be paid in another way', async () => {
    const payment = await opened(voucher);
    await world.stripe.issueVoucher(payment.sessionId);
    await expectStory(payment, ['payment.created', 'payment.pending'], { status: 'pending' });
    await world.stripe.advance(VOUCHER_DAYS * DAY_S);
    await world.stripe.delivery.settled();
    await eventually(async () => {
      const { status }: PaymentBody = await readPayment(service, payment.paymentId);
      expect(['failed', 'expired']).toContain(status);
      const types = await stream.typesOf(payment.orderId);
      expect(types.at(-1)).toBe(`payment.${status}`);
      expect(types).not.toContain('payment.succeeded');
    });
    const again = await openAtProvider(service, purchase({ ...voucher, orderId: payment.orderId }));
    expect(again.paymentId).not.toBe(payment.paymentId);
  });

  it('a session that nobody pays expires', async () => {
    const payment = await opened();
    await world.stripe.expire(payment.sessionId);
    await expectStory(payment, ['payment.created', 'payment.expired'], {
      status: 'expired',
      checkoutUrl: null,
    });
    expect(orders.of(payment.orderId)).toEqual([]);
  });

  it('a declined card is an attempt, not the end: the next one pays', async () => {
    const payment = await opened();
    await world.stripe.payWithCard(payment.sessionId, DECLINED);
    await expectStory(payment, ['payment.created', 'payment.attempt_failed'], { status: 'created' });
    await world.stripe.payWithCard(payment.sessionId);
    await expectStory(payment, ['payment.created', 'payment.attempt_failed', 'payment.succeeded'], {
      status: 'succeeded',
      paymentMethod: { type: 'card', last4: '4242' },
    });
    await eventually(() => expect(orders.of(payment.orderId)).toHaveLength(1));
  });

  it('an authorization is no success: that comes with the capture', async () => {
    const payment = await opened({ capture: 'manual' });
    const { paymentIntent } = await world.stripe.payWithCard(payment.sessionId);
    await expectStory(payment, ['payment.created', 'payment.authorized'], {
      status: 'authorized',
      amountCaptured: 0,
    });
    expect(orders.of(payment.orderId)).toEqual([]);
    await world.stripe.capture(paymentIntent?.id ?? '');
    await expectStory(payment, ['payment.created', 'payment.authorized', 'payment.succeeded'], {
      status: 'succeeded',
      amountCaptured: 3998,
    });
    await eventually(() => expect(orders.of(payment.orderId)).toHaveLength(1));
  });

  /** An authorized payment, by what the bank holds. */
  async function held(): Promise<Opened & { intentId: string; chargeId: string }> {
    const payment = await opened({ capture: 'manual' });
    const { paymentIntent, charge } = await world.stripe.payWithCard(payment.sessionId);
    await expectStory(payment, ['payment.created', 'payment.authorized'], { status: 'authorized' });
    return { ...payment, intentId: paymentIntent?.id ?? '', chargeId: charge?.id ?? '' };
  }

  /** What Stripe tells of `act`, none of it delivered. */
  async function inSilence(act: () => Promise<unknown>) {
    const before = world.stripe.events.length;
    world.stripe.delivery.set({ drop: { all: true } });
    await act();
    await world.stripe.delivery.settled();
    world.stripe.delivery.set({ drop: null });
    return world.stripe.events.slice(before);
  }

  async function deliver(events: readonly { id: string }[]): Promise<void> {
    for (const { id } of events) {
      world.stripe.delivery.resend(id);
      await world.stripe.delivery.settled();
      await eventually(async () => expect(await world.waitingEvents()).toEqual([]));
    }
  }

  const outcomesOf = async (events: readonly { id: string }[]): Promise<string[]> => {
    const ids = events.map(({ id }) => (payload === 'thin' ? thinIdOf(id) : id));
    const rows = await world.sql<{ state: string }>(
      `select state from webhook_inbox where event_id = any($1) order by array_position($1, event_id)`,
      [ids],
    );
    return rows.map(({ state }) => state);
  };

  it.each([3000, 1000])(
    'T8e of 3,998 held, %p are taken: the rest is no refund, and the true one later is the only one',
    async (part) => {
      const payment = await held();
      await world.stripe.capture(payment.intentId, part);
      const story = ['payment.created', 'payment.authorized', 'payment.succeeded'];
      const taken = { status: 'succeeded', amountCaptured: part, amountRefunded: 0 };
      await expectStory(payment, story, taken);
      // Nor does a look at Stripe see one.
      await world.sql(`update payments set next_check_at = payments_now() where id = $1`, [
        payment.paymentId,
      ]);
      await eventually(async () => {
        const [row] = await world.sql<{ next: string | null }>(
          `select next_check_at as next from payments where id = $1`,
          [payment.paymentId],
        );
        expect(row?.next).toBeNull();
      });
      await expectStory(payment, story, taken);
      await world.stripe.refund(payment.chargeId, 500);
      await expectStory(payment, [...story, 'refund.created', 'refund.succeeded'], {
        status: 'partially_refunded',
        amountCaptured: part,
        amountRefunded: 500,
      });
    },
  );

  it('T8f a part is taken, and its events come in any order: captured, and nothing went back', async () => {
    const orders = permutations([
      'charge.captured',
      'refund.created',
      'charge.refunded',
      'payment_intent.succeeded',
    ]);
    // Thin events are read in the same few ways, whatever came before: each of them comes first once.
    for (const order of orders.filter((_, index) => payload === 'snapshot' || index % 6 === 0)) {
      const payment = await held();
      const events = await inSilence(() => world.stripe.capture(payment.intentId, 1000));
      await deliver(order.flatMap((type) => events.filter((event) => event.type === type)));
      await expectStory(payment, ['payment.created', 'payment.authorized', 'payment.succeeded'], {
        status: 'succeeded',
        amountCaptured: 1000,
        amountRefunded: 0,
      });
    }
  }, 240_000);

  it('T9d a hold that is released in the dashboard is no refund: ignored, and the payment is canceled by the event that says so', async () => {
    const payment = await held();
    const events = await inSilence(() =>
      world.stripe.panel.call('POST', `/v1/payment_intents/${payment.intentId}/cancel`),
    );
    const refunds = events.filter(({ type }) => type.includes('refund'));
    expect(refunds.map(({ type }) => type)).toEqual(['refund.created', 'charge.refunded']);
    await deliver(refunds);
    expect(await outcomesOf(refunds)).toEqual(['ignored', 'ignored']);
    expect((await readPayment(service, payment.paymentId)).status).toBe('authorized');
    await deliver(events.filter(({ type }) => type === 'payment_intent.canceled'));
    await expectStory(payment, ['payment.created', 'payment.authorized', 'payment.canceled'], {
      status: 'canceled',
      amountCaptured: 0,
      amountRefunded: 0,
    });
  });

  it.each(['refund', 'dispute'])(
    'T9e a %s of a payment that nobody here knew brings it along: nothing waits for the event of long ago',
    async (kind) => {
      const orderId = purchase().orderId;
      const session = await world.stripe.legacySession({ orderId });
      let chargeId = '';
      await inSilence(async () => {
        chargeId = (await world.stripe.payWithCard(session.id)).charge?.id ?? '';
      });
      if (kind === 'refund') await world.stripe.refund(chargeId, 500);
      else await world.stripe.openDispute(chargeId);
      await world.stripe.delivery.settled();
      await eventually(async () => {
        expect(await world.waitingEvents()).toEqual([]);
        const types = await stream.typesOf(orderId);
        expect(types).toEqual([
          'payment.succeeded',
          ...(kind === 'refund' ? ['refund.created', 'refund.succeeded'] : ['dispute.opened']),
        ]);
      });
    },
  );

  it('part of the money goes back, and then the rest', async () => {
    const payment = await paid();
    const story = ['payment.created', 'payment.succeeded'];
    await world.stripe.refund(payment.chargeId, 1000);
    story.push('refund.created', 'refund.succeeded');
    await expectStory(payment, story, { status: 'partially_refunded', amountRefunded: 1000 });
    await world.stripe.refund(payment.chargeId);
    story.push('refund.created', 'refund.succeeded');
    await expectStory(payment, story, { status: 'refunded', amountRefunded: 3998, amountCaptured: 3998 });
    expect(orders.of(payment.orderId)).toHaveLength(1);
  });

  it('a dispute that is won leaves the payment as it was', async () => {
    const payment = await paid();
    const dispute = await world.stripe.openDispute(payment.chargeId);
    const story = ['payment.created', 'payment.succeeded', 'dispute.opened'];
    await expectStory(payment, story, { status: 'succeeded', disputed: true });
    await world.stripe.closeDispute(dispute.id, 'won');
    await expectStory(payment, [...story, 'dispute.won'], { status: 'succeeded', disputed: false });
  });

  it('a dispute that is lost says so', async () => {
    const payment = await paid();
    const dispute = await world.stripe.openDispute(payment.chargeId);
    await world.stripe.closeDispute(dispute.id, 'lost');
    await expectStory(payment, ['payment.created', 'payment.succeeded', 'dispute.opened', 'dispute.lost'], {
      disputed: false,
    });
  });

  it('T10g a dispute that was lost and is won after all says so, with its stage', async () => {
    const payment = await paid();
    const dispute = await world.stripe.openDispute(payment.chargeId);
    await world.stripe.closeDispute(dispute.id, 'lost');
    const story = ['payment.created', 'payment.succeeded', 'dispute.opened', 'dispute.lost'];
    await expectStory(payment, story, { disputed: false });
    await world.stripe.closeDispute(dispute.id, 'won');
    await expectStory(payment, [...story, 'dispute.won'], { disputed: false });
    const [won] = (await stream.of(payment.orderId)).filter(({ type }) => type === 'dispute.won');
    expect(won?.data).toMatchObject({ dispute: { status: 'won', stage: 'won', inquiry: false } });
  });

  it('T10h an inquiry is told as one, and takes no money until it becomes a chargeback', async () => {
    const payment = await paid();
    const dispute = await world.stripe.openDispute(payment.chargeId, { inquiry: true });
    const story = ['payment.created', 'payment.succeeded', 'dispute.opened'];
    await expectStory(payment, story, { disputed: false });
    await world.stripe.escalateInquiry(dispute.id);
    await expectStory(payment, [...story, 'dispute.updated'], { disputed: true });
    await world.stripe.closeDispute(dispute.id, 'lost');
    await expectStory(payment, [...story, 'dispute.updated', 'dispute.lost'], { disputed: false });
    const told = (await stream.of(payment.orderId)).flatMap(({ data }) => data['dispute'] ?? []);
    expect(told).toMatchObject([
      { status: 'open', stage: 'warning_needs_response', inquiry: true },
      { status: 'open', stage: 'needs_response', inquiry: false },
      { status: 'lost', stage: 'lost', inquiry: false },
    ]);
  });

  it('every event says under one id what it is, of which payment, and in which version', async () => {
    const payment = await paid();
    const events = await stream.of(payment.orderId);
    for (const { id, type, subject, pattern, headers, data } of events) {
      expect([subject, pattern]).toEqual([`payments.events.${type}`, `payments.events.${type}`]);
      expect(headers).toMatchObject({ 'ce-id': id, 'ce-type': type, 'ce-subject': payment.orderId });
      expect(data).toMatchObject({
        eventId: id,
        paymentId: payment.paymentId,
        provider: 'stripe',
        livemode: false,
      });
      expect(headers['ce-time']).toBe(data.occurredAt);
    }
    expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);
  });
});
