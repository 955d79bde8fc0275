import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { DEFAULT_THIN_SECRET } from '../../sandbox/stripe/stripe.sandbox.js';
import { thinIdOf } from '../../sandbox/stripe/thin.event.js';
import { AppBed, WEBHOOK_SECRET } from '../support/domain/app.bed.js';
import { signed } from '../support/domain/signed.event.js';
import { billingStage, type CustomerBody, DAY_S, send } from '../support/harness/billing.stage.js';
import { openAtProvider, purchase } from '../support/harness/calls.js';
import { eventually } from '../support/harness/eventually.js';
import type { LegacyOrders } from '../support/harness/legacy.orders.js';
import type { LocalService } from '../support/harness/service.local.js';
import type { StreamReader } from '../support/harness/stream.reader.js';
import { startWorld, type World } from '../support/harness/world.js';
import { until } from '../support/outbox/until.js';

const ASKED = { number: '4000002500003155' };

describe('what happens once, and is told by a snapshot and a thin event', () => {
  let world: World;
  let service: LocalService;
  let stream: StreamReader;
  let orders: LegacyOrders;

  beforeAll(async () => {
    world = await startWorld({ services: 0, payload: 'both' });
    service = await world.startLocalService();
    stream = await world.openStream();
    orders = await world.startOrders();
  }, 120_000);
  afterAll(() => world?.stop());

  const settled = async (): Promise<void> => {
    await world.stripe.delivery.settled();
    await eventually(async () => expect(await world.waitingEvents()).toEqual([]));
  };
  const expectTold = async (orderId: string, types: string[]): Promise<void> => {
    await settled();
    await eventually(async () => expect(await stream.typesOf(orderId)).toEqual(types));
  };
  /** Every delivery of everything so far, once more. */
  const repeat = async (): Promise<void> => {
    for (const { id } of world.stripe.events) world.stripe.delivery.resend(id);
    await settled();
  };

  it.each([1, 2, 3])(
    'is one payment, one refund and one dispute, in the order of seed %d',
    async (seed) => {
      const request = purchase();
      const { sessionId } = await openAtProvider(service, request);
      world.stripe.delivery.set({ reorder: { seed } });
      const { charge } = await world.stripe.payWithCard(sessionId);
      const chargeId = charge?.id ?? '';
      const story = ['payment.created', 'payment.succeeded'];
      await expectTold(request.orderId, story);
      await world.stripe.refund(chargeId, 1000);
      await expectTold(request.orderId, [...story, 'refund.created', 'refund.succeeded']);
      const dispute = await world.stripe.openDispute(chargeId);
      await world.stripe.closeDispute(dispute.id, 'won');
      story.push('refund.created', 'refund.succeeded', 'dispute.opened', 'dispute.won');
      // Where the thin event of the opening was read, the dispute may have been closed already.
      await settled();
      await eventually(async () => {
        const types = await stream.typesOf(request.orderId);
        expect(types.filter((type) => type !== 'dispute.opened')).toEqual(
          story.filter((type) => type !== 'dispute.opened'),
        );
        expect(new Set(types).size).toBe(types.length);
      });
      const before = await stream.typesOf(request.orderId);
      await repeat();
      expect(await stream.typesOf(request.orderId)).toEqual(before);
      await eventually(() => expect(orders.of(request.orderId)).toHaveLength(1));
      world.stripe.delivery.set({ reorder: null });
    },
    60_000,
  );

  it('is one declined attempt, also where nothing was charged', async () => {
    const request = purchase();
    const { sessionId } = await openAtProvider(service, request);
    await world.stripe.payWithCard(sessionId, ASKED);
    await world.stripe.answerChallenge(sessionId, false);
    await expectTold(request.orderId, ['payment.created', 'payment.attempt_failed']);
    await repeat();
    await world.stripe.payWithCard(sessionId);
    const story = ['payment.created', 'payment.attempt_failed', 'payment.succeeded'];
    await expectTold(request.orderId, story);
  });

  it('is one life of a subscription', async () => {
    const stage = billingStage(world, 'stripe');
    const person = { name: 'Ana', email: 'ana@example.com', phone: '+525555555555' };
    const customer = { ...person, provider: 'stripe', token: stage.newToken() };
    const { body: who } = await send<CustomerBody>(service, 'POST', '/customers', customer);
    const planId = `plan_${randomUUID().slice(0, 8)}`;
    const plan = { planId, provider: 'stripe', name: 'Plan', amount: 77_700, currency: 'MXN' };
    await send(service, 'POST', '/plans', { ...plan, interval: 'month' });
    const made = await send<{ subscriptionId: string }>(service, 'POST', '/subscriptions', {
      customerId: who.customerId,
      planId,
    });
    const { subscriptionId } = made.body;
    await settled();
    await stage.advance(32 * DAY_S);
    await settled();
    await stage.setCardOutcome(who, 'insufficient_funds');
    await stage.advance(31 * DAY_S);
    await settled();
    await stage.setCardOutcome(who, null);
    await stage.advance(4 * DAY_S);
    await settled();
    await send(service, 'POST', `/subscriptions/${subscriptionId}/cancel`, {});
    const told = async (): Promise<string[]> => {
      const events = await stream.all();
      return events.filter(({ data }) => data['subscriptionId'] === subscriptionId).map(({ type }) => type);
    };
    await settled();
    await eventually(async () => expect((await told()).at(-1)).toBe('subscription.canceled'));
    const types = await told();
    const count = (type: string): number => types.filter((one) => one === `subscription.${type}`).length;
    expect(
      ['created', 'activated', 'renewed', 'past_due', 'payment_failed', 'canceled'].map((type) =>
        count(type),
      ),
    ).toEqual([1, 1, 2, 1, 1, 1]);
    await repeat();
    expect(await told()).toEqual(types);
  }, 60_000);
});

describe('a thin event', () => {
  let bed: AppBed;
  beforeAll(async () => {
    bed = await AppBed.start({ STRIPE_ENDPOINT_SECRET: `${WEBHOOK_SECRET},${DEFAULT_THIN_SECRET}` });
    bed.stripe.setWebhooks([`${bed.url}/webhooks/stripe`]);
    bed.stripe.setPayload('thin');
  });
  afterAll(() => bed.stop());
  beforeEach(() => {
    bed.stripe.faults.clear();
    bed.stripe.setEnvelope({});
  });

  interface Stored extends Record<string, unknown> {
    type: string;
    state: string;
    outcome: string | null;
    last_error: string | null;
  }
  const stored = async (eventId: string): Promise<Stored | undefined> => {
    const columns = 'type, state, outcome, last_error';
    const [row] = await bed.rows<Stored>(
      `select ${columns} from webhook_inbox where event_id = '${eventId}'`,
    );
    return row;
  };
  const ended = (eventId: string): Promise<Stored> =>
    until(async () => {
      const row = await stored(eventId);
      return row !== undefined && row.state !== 'received' && row.state !== 'parked' ? row : undefined;
    });
  const payments = (orderId: string) =>
    bed.rows<{ status: string }>(`select status from payments where order_id = '${orderId}'`);
  /** An order of the replaced service is paid; the id of the event of its charge. */
  async function paid(): Promise<{ orderId: string; eventId: string }> {
    const orderId = randomUUID();
    const session = await bed.stripe.legacySession({ orderId, metadata: { orderId } });
    await bed.stripe.payWithCard(session.id);
    await bed.stripe.delivery.settled();
    const charged = bed.stripe.events.findLast(({ type }) => type === 'charge.succeeded');
    return { orderId, eventId: thinIdOf(charged?.id ?? '') };
  }
  const thinBody = (changes: object): { id: string; body: string } => {
    const event = {
      id: `evt_test_${randomUUID().replaceAll('-', '')}`,
      object: 'v2.core.event',
      type: 'v1.charge.succeeded',
      created: new Date().toISOString(),
      livemode: false,
      context: null,
      related_object: { id: 'ch_1', type: 'charge', url: '/v1/charges/ch_1' },
      ...changes,
    };
    return { id: event.id, body: JSON.stringify(event) };
  };
  const post = (body: string, secret = DEFAULT_THIN_SECRET): Promise<Response> =>
    fetch(`${bed.url}/webhooks/stripe`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'stripe-signature': signed(body, secret) },
      body,
    });

  it('arrives beside snapshots, by a secret of its own', async () => {
    const { orderId, eventId } = await paid();
    expect(await ended(eventId)).toMatchObject({ type: 'v1.charge.succeeded', state: 'done' });
    expect(await payments(orderId)).toEqual([{ status: 'succeeded' }]);
    bed.stripe.setPayload('snapshot');
    const next = await paid();
    bed.stripe.setPayload('thin');
    await until(async () => ((await payments(next.orderId)).length > 0 ? true : undefined));
    expect(await payments(next.orderId)).toEqual([{ status: 'succeeded' }]);
  });

  it('waits while Stripe does not answer, and then means what is true by then', async () => {
    bed.stripe.faults.add({ kind: 'status', path: '/v1/', method: 'GET', status: 500, count: 0 });
    const { orderId, eventId } = await paid();
    await until(async () => (await stored(eventId))?.last_error ?? undefined);
    expect(await payments(orderId)).toEqual([]);
    bed.stripe.faults.clear();
    expect(await ended(eventId)).toMatchObject({ state: 'done' });
    expect(await payments(orderId)).toEqual([{ status: 'succeeded' }]);
  });

  it.each([
    [{ type: 'v1.charge.of_tomorrow' }],
    [{ type: 'v1.payout.paid', related_object: { id: 'po_1', type: 'payout', url: '/v1/payouts/po_1' } }],
    [
      {
        type: 'v2.core.event_destination.ping',
        related_object: { id: 'ed_1', type: 'v2.core.event_destination' },
      },
    ],
    [{ related_object: null }],
  ])('of what is unknown here, %j, is ignored and says so', async (changes) => {
    const { id, body } = thinBody(changes);
    expect((await post(body)).status).toBe(200);
    expect(await ended(id)).toMatchObject({ state: 'ignored', outcome: 'concerns no payment' });
  });

  it('of an object that tells nothing of ours is ignored and says so', async () => {
    const form = { mode: 'setup', currency: 'mxn', success_url: 'https://shop.example/ok' };
    const session = await bed.stripe.panel.call('POST', '/v1/checkout/sessions', form);
    const { paymentMethod } = await bed.stripe.saveCard(String(Reflect.get(session, 'id')));
    const related_object = { id: paymentMethod?.id, type: 'payment_method' };
    const { id, body } = thinBody({ type: 'v1.payment_method.detached', related_object });
    await post(body);
    expect(await ended(id)).toMatchObject({
      state: 'ignored',
      outcome: 'its object tells nothing of ours',
    });
  });

  it('of another account, or the other mode, is quarantined', async () => {
    bed.stripe.setEnvelope({ context: 'acct_of_somebody_else' });
    const other = await paid();
    expect(await ended(other.eventId)).toMatchObject({
      state: 'quarantined',
      outcome: 'of another account',
    });
    expect(await payments(other.orderId)).toEqual([]);
    bed.stripe.setEnvelope({ context: 'acct_sandbox' });
    const own = await paid();
    expect(await ended(own.eventId)).toMatchObject({ state: 'done' });
    const { id, body } = thinBody({ livemode: true });
    expect((await post(body)).status).toBe(200);
    expect(await ended(id)).toMatchObject({ state: 'quarantined' });
  });

  it('that is forged, or no event, is refused', async () => {
    const { id, body } = thinBody({});
    expect((await post(body, 'whsec_of_somebody_else')).status).toBe(400);
    expect(await stored(id)).toBeUndefined();
    for (const changes of [{ id: 'ch_1' }, { id: 7 }, { type: null }]) {
      const bad = await post(thinBody(changes).body);
      expect([bad.status, await bad.json()]).toEqual([
        400,
        expect.objectContaining({ code: 'signature_invalid' }),
      ]);
    }
  });
});
