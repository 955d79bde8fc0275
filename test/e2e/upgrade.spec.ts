import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { DEFAULT_SECRET_KEY } from '../../sandbox/stripe/stripe.sandbox.js';
import {
  billingStage,
  type CustomerBody,
  DAY_S,
  send,
  type SubscriptionBody,
} from '../support/harness/billing.stage.js';
import {
  call,
  mexicanPurchase,
  openAtProvider,
  openSession,
  type PaymentBody,
  paymentsOf,
  purchase,
  readPayment,
  type SessionBody,
} from '../support/harness/calls.js';
import { leaseRunsOut, onlyPaymentOf } from '../support/harness/doubt.story.js';
import { earlierRelease } from '../support/harness/earlier.release.js';
import { eventually } from '../support/harness/eventually.js';
import { expectNoWebhookLost, expectOneSuccessEach } from '../support/harness/invariants.js';
import type { LegacyOrders } from '../support/harness/legacy.orders.js';
import type { ServiceProcess } from '../support/harness/service.process.js';
import type { StreamReader } from '../support/harness/stream.reader.js';
import { startWorld, type World } from '../support/harness/world.js';
import { type FreshDatabase, freshDatabase } from '../support/servers/database.js';

/** The last build that knew no installations, no owners of orders and no revived events. */
const BEFORE = '7b1fb9f';

const PERSON = { name: 'Ana Pérez', email: 'ana@example.com', phone: '+525512345678' };

type Opened = SessionBody & { sessionId: string; orderId: string };

/** What the earlier build left in the database and at the providers. */
interface Left {
  stripeSession: Opened;
  conektaSession: Opened;
  /** Paid, and its events buried while a column was missing. */
  buried: Opened;
  /** Paid while no orders service was there. */
  pending: Opened;
  /** Told to an orders service, which was not asked yet. */
  sent: Opened;
  /** A charge whose answer nobody lived to read. */
  doubted: { orderId: string; paymentId: string };
  /** Money for a payment id that is not ours. */
  foreign: { orderId: string; paymentId: string };
  /** 39.98 held, 30.00 taken: the rest was recorded as a refund. */
  partlyTaken: Opened;
  /** Held, and let go of in the dashboard: its refund events wait for a payment that never comes. */
  released: Opened;
  /** Its dispute was lost, and won after all. */
  reinstated: Opened;
  subscriptions: Record<'stripe' | 'conekta', SubscriptionBody>;
}

describe('the upgrade from the release before', () => {
  let empty: FreshDatabase;
  let world: World;
  let before: ServiceProcess;
  let after: ServiceProcess;
  let stream: StreamReader;
  let orders: LegacyOrders;
  let left: Left;

  beforeAll(async () => {
    // Empty: the earlier release makes its own tables, and ours are migrated from them.
    empty = await freshDatabase();
    world = await startWorld({ services: 0, conekta: true, database: { url: empty.url } });
    before = await world.newService({}, { main: await earlierRelease(BEFORE) });
    after = await world.newService({}, { port: before.port });
    await before.start();
    await before.ready();
    world.sendWebhooksTo([before.url]);
    left = await leave();
    await before.kill9();
    await world.endLeases();
    await after.start();
    await after.ready();
    stream = await world.openStream();
  }, 240_000);
  afterAll(async () => {
    await world?.stop();
    await empty?.drop();
  });

  async function leave(): Promise<Left> {
    const silent = await world.startOrders({ answersFind: false });
    const open = async (request: ReturnType<typeof purchase>): Promise<Opened> => ({
      ...(await openAtProvider(before, request)),
      orderId: request.orderId,
    });
    const stripeSession = await open(purchase());
    const conektaSession = await open(mexicanPurchase());
    const subscriptions = { stripe: await subscribe('stripe'), conekta: await subscribe('conekta') };

    const sent = await open(purchase());
    await world.stripe.payWithCard(sent.sessionId);
    await eventually(() => expect(silent.of(sent.orderId)).toHaveLength(1));
    await eventually(async () => expect(await orderMessage(sent)).toMatchObject({ state: 'sent' }));
    await silent.stop();
    const pending = await open(purchase());
    await world.stripe.payWithCard(pending.sessionId);
    await eventually(async () => expect(await orderMessage(pending)).toMatchObject({ state: 'pending' }));

    const partlyTaken = await open(purchase({ capture: 'manual' }));
    await world.stripe.capture(await intentOf(partlyTaken), 3_000);
    const released = await open(purchase({ capture: 'manual' }));
    await world.stripe.panel.call('POST', `/v1/payment_intents/${await intentOf(released)}/cancel`);
    const reinstated = await open(purchase());
    const { charge: disputed } = await world.stripe.payWithCard(reinstated.sessionId);
    const dispute = await world.stripe.openDispute(disputed?.id ?? '');
    await world.stripe.closeDispute(dispute.id, 'lost');
    await eventually(async () => expect(await disputeStates(reinstated)).toEqual([{ status: 'lost' }]));
    await world.stripe.closeDispute(dispute.id, 'won');
    await eventually(async () =>
      expect(await readPayment(before, partlyTaken.paymentId)).toMatchObject({ amountRefunded: 998 }),
    );

    const foreign = { orderId: randomUUID(), paymentId: randomUUID() };
    await world.stripe.payWithCard(await foreignSession(foreign));
    const buried = await open(purchase());
    await eventually(async () => expect(await world.waitingEvents()).not.toEqual([]));
    await world.sql('alter table payments rename column method to method_away');
    await world.stripe.payWithCard(buried.sessionId);
    await world.stripe.delivery.settled();
    await eventually(async () => {
      await world.sql(`update webhook_inbox set next_attempt_at = payments_now() where state = 'received'`);
      const rows = await world.sql(`select 1 from webhook_inbox where state in ('received')`);
      expect(rows).toEqual([]);
    }, 60_000);
    await world.sql('alter table payments rename column method_away to method');
    expect(await world.sql(`select 1 from webhook_inbox where state = 'dead'`)).not.toEqual([]);

    const doubted = await chargeInDoubt();
    // What the earlier orders service heard, its successor knows.
    orders = await world.startOrders();
    orders.messages.push(...silent.messages);
    return {
      stripeSession,
      conektaSession,
      buried,
      pending,
      sent,
      doubted,
      foreign,
      partlyTaken,
      released,
      reinstated,
      subscriptions,
    };
  }

  /** Pays the session with a card that is only held, and tells the intent. */
  async function intentOf({ sessionId }: Opened): Promise<string> {
    const { paymentIntent } = await world.stripe.payWithCard(sessionId);
    return paymentIntent?.id ?? '';
  }

  const disputeStates = ({ paymentId }: { paymentId: string }) =>
    world.sql(`select status from disputes where payment_id = $1`, [paymentId]);

  const orderMessage = async ({ orderId }: { orderId: string }) =>
    (
      await world.sql(`select state, sends from outbox where channel = 'orders' and order_id = $1`, [orderId])
    )[0];

  async function subscribe(provider: 'stripe' | 'conekta'): Promise<SubscriptionBody> {
    const planId = `plan_${randomUUID().slice(0, 8)}`;
    const plan = { planId, provider, name: 'Plan', amount: 77_700, currency: 'MXN', interval: 'month' };
    expect(await send(before, 'POST', '/plans', plan)).toMatchObject({ status: 201 });
    const token = billingStage(world, provider).newToken();
    const customer = await send<CustomerBody>(before, 'POST', '/customers', { ...PERSON, provider, token });
    const { customerId } = customer.body;
    const made = await send<SubscriptionBody>(before, 'POST', '/subscriptions', { customerId, planId });
    expect(made).toMatchObject({ status: 201, body: { status: 'active' } });
    return made.body;
  }

  /** As another system on the same account makes it, with a payment id of its own and no installation. */
  async function foreignSession(metadata: { orderId: string; paymentId: string }): Promise<string> {
    const form = new URLSearchParams({
      mode: 'payment',
      success_url: 'https://shop.example/paid',
      'line_items[0][quantity]': '1',
      'line_items[0][price_data][currency]': 'usd',
      'line_items[0][price_data][unit_amount]': '1000',
      'line_items[0][price_data][product_data][name]': 'Mug',
    });
    for (const [key, value] of Object.entries(metadata)) {
      form.set(`metadata[${key}]`, value);
      form.set(`payment_intent_data[metadata][${key}]`, value);
    }
    const answer = await fetch(`${world.stripe.url}/v1/checkout/sessions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${DEFAULT_SECRET_KEY}` },
      body: form,
    });
    const session: { id: string } = JSON.parse(await answer.text());
    return session.id;
  }

  async function chargeInDoubt(): Promise<Left['doubted']> {
    const orderId = randomUUID();
    await before.restart({ failpoint: 'provider-answered' });
    await expect(charge(before, orderId)).rejects.toThrow();
    await before.exited;
    return { orderId, paymentId: await onlyPaymentOf(world, orderId) };
  }

  const charge = (service: ServiceProcess, orderId: string) =>
    call<PaymentBody>(
      service,
      '/payments/charge',
      {
        orderId,
        provider: 'stripe',
        source: { token: 'pm_card_visa' },
        customer: PERSON,
        currency: 'MXN',
        items: [{ name: 'Taza', price: 150, quantity: 1 }],
      },
      { 'idempotency-key': orderId },
    );

  const told = (orderId: string) => stream.typesOf(orderId);
  const untilToldOnce = (orderId: string, ...more: string[]): Promise<void> =>
    eventually(async () => {
      expect(await told(orderId)).toEqual([...more, 'payment.succeeded']);
      expect(orders.of(orderId)).toHaveLength(1);
    }, 30_000);

  it('goes on with the sessions that are open: the same ones, paid once', async () => {
    const { stripeSession, conektaSession } = left;
    expect(await readPayment(after, stripeSession.paymentId)).toMatchObject({ status: 'created' });
    await world.stripe.payWithCard(stripeSession.sessionId);
    await world.conekta.payWithCard(conektaSession.sessionId);
    await untilToldOnce(stripeSession.orderId, 'payment.created');
    await untilToldOnce(conektaSession.orderId, 'payment.created');
  }, 60_000);

  it('tells what waited once, and what was told not again', async () => {
    await untilToldOnce(left.pending.orderId, 'payment.created');
    await eventually(async () => {
      await world.sql(
        `update outbox set next_attempt_at = payments_now() where channel = 'orders' and state = 'sent'`,
      );
      expect(await orderMessage(left.sent)).toMatchObject({ state: 'published' });
      expect(await orderMessage(left.pending)).toMatchObject({ state: 'published' });
    }, 30_000);
    expect(orders.of(left.sent.orderId)).toHaveLength(1);
    expect(orders.lookups).toContain(left.sent.orderId);
  }, 60_000);

  it('finds out about the charge in doubt, and never makes it again', async () => {
    await leaseRunsOut(world, left.doubted.paymentId);
    await eventually(async () =>
      expect(await readPayment(after, left.doubted.paymentId)).toMatchObject({ status: 'succeeded' }),
    );
    const made = world.stripe.state().paymentIntents;
    expect(made.filter(({ metadata }) => metadata.orderId === left.doubted.orderId)).toHaveLength(1);
    await untilToldOnce(left.doubted.orderId, 'payment.created');
  }, 60_000);

  it('revives the events that were buried', async () => {
    const { body } = await send<{ data: { eventId: string }[] }>(after, 'GET', '/events?state=dead');
    expect(body.data).not.toEqual([]);
    for (const { eventId } of body.data) {
      expect(await send(after, 'POST', `/events/${eventId}/replay`, {})).toMatchObject({ status: 200 });
    }
    await untilToldOnce(left.buried.orderId, 'payment.created');
  }, 60_000);

  it('mends what was recorded wrongly, by the janitor’s next look', async () => {
    await eventually(async () => {
      expect(await readPayment(after, left.partlyTaken.paymentId)).toMatchObject({
        status: 'succeeded',
        amountCaptured: 3_000,
        amountRefunded: 0,
      });
      expect(await disputeStates(left.reinstated)).toEqual([{ status: 'won' }]);
    }, 30_000);
    await eventually(async () => {
      await world.sql(`update webhook_inbox set next_attempt_at = payments_now()
        where state = 'parked' and owner_check_at is null`);
      expect(await readPayment(after, left.released.paymentId)).toMatchObject({
        status: 'canceled',
        amountRefunded: 0,
      });
      const waiting = await world.sql(
        `select type from webhook_inbox where state = 'parked' and type like '%refund%'`,
      );
      expect(waiting).toEqual([]);
    });
    await eventually(async () => {
      const told = await stream.typesOf(left.partlyTaken.orderId);
      expect(told.filter((type) => type === 'payment.succeeded')).toHaveLength(1);
      expect(told.at(-1)).toBe('refund.failed');
      expect(await stream.typesOf(left.reinstated.orderId)).toContain('dispute.won');
    });
    expect(await stream.typesOf(left.released.orderId)).not.toContain('refund.created');
  }, 90_000);

  it('does not take for its own what another system paid for, and waits for it no longer', async () => {
    const outcome = async () =>
      world.sql<{ state: string }>(
        `select distinct state from webhook_inbox where convert_from(body, 'UTF8') like $1`,
        [`%${left.foreign.paymentId}%`],
      );
    await world.sql(
      `update webhook_inbox set received_at = received_at - interval '1 hour', revived_at = revived_at - interval '1 hour'
       where state = 'parked'`,
    );
    await eventually(async () => {
      await world.sql(`update webhook_inbox set next_attempt_at = payments_now() where state = 'parked'`);
      expect((await outcome()).map(({ state }) => state).filter((state) => state === 'parked')).toEqual([]);
    });
    expect(await paymentsOf(after, left.foreign.orderId)).toEqual([]);
    expect(await told(left.foreign.orderId)).toEqual([]);
  }, 60_000);

  it.each(['stripe', 'conekta'] as const)(
    'renews a subscription at %s, once a month',
    async (provider) => {
      const { subscriptionId } = left.subscriptions[provider];
      const stage = billingStage(world, provider);
      await stage.advance(32 * DAY_S);
      await stage.settled();
      await eventually(async () => {
        expect(await world.waitingEvents()).toEqual([]);
        const events = (await stream.all()).filter(({ data }) => data.subscriptionId === subscriptionId);
        expect(events.map(({ type }) => type).sort()).toEqual([
          'payment.created',
          'payment.created',
          'payment.succeeded',
          'payment.succeeded',
          'subscription.activated',
          'subscription.created',
          'subscription.renewed',
        ]);
      }, 30_000);
    },
    60_000,
  );

  describe('while both builds run', () => {
    beforeAll(async () => {
      before = await world.newService({}, { main: await earlierRelease(BEFORE) });
      await before.start();
      await before.ready();
      world.sendWebhooksTo([before.url, after.url]);
    }, 90_000);

    it('tells each payment once, whoever opened its session', async () => {
      const made: Opened[] = [];
      for (let round = 0; round < 6; round += 1) {
        const service = round % 2 === 0 ? before : after;
        const request = round % 3 === 0 ? mexicanPurchase() : purchase();
        made.push({ ...(await openAtProvider(service, request)), orderId: request.orderId });
        // The other build knows the session as the order's own.
        const other = service === before ? after : before;
        expect(await openSession(other, request)).toMatchObject({ paymentId: made.at(-1)?.paymentId });
      }
      for (const { provider, sessionId } of made) {
        if (provider === 'stripe') await world.stripe.payWithCard(sessionId);
        else await world.conekta.payWithCard(sessionId);
      }
      for (const { orderId } of made) await untilToldOnce(orderId, 'payment.created');
    }, 120_000);

    it('loses no event, buries and quarantines none of ours', async () => {
      await eventually(async () => expect(await world.waitingEvents()).toEqual([]));
      await expectNoWebhookLost(world);
      await expectOneSuccessEach(world);
      const lost = await world.sql(
        `select event_id, state, outcome, last_error from webhook_inbox
         where state in ('dead', 'quarantined') and convert_from(body, 'UTF8') not like $1`,
        [`%${left.foreign.paymentId}%`],
      );
      expect(lost).toEqual([]);
    }, 60_000);
  });
});
