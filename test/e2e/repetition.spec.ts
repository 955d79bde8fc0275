import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openAtProvider, paymentsOf, purchase, readPayment } from '../support/harness/calls.js';
import { eventually } from '../support/harness/eventually.js';
import type { LegacyOrders } from '../support/harness/legacy.orders.js';
import type { StreamReader } from '../support/harness/stream.reader.js';
import { startWorld, type World } from '../support/harness/world.js';

const DELIVERIES = 50;
const COPIES = 5;

describe('two processes on one Postgres', () => {
  let world: World;
  let orders: LegacyOrders;
  let stream: StreamReader;

  beforeAll(async () => {
    world = await startWorld({ services: 2 });
    orders = await world.startOrders();
    stream = await world.openStream();
  });
  afterAll(() => world?.stop());

  /** Nothing of it waits any more, in the inbox or in the outbox. */
  async function worked(orderId: string): Promise<void> {
    await eventually(async () => {
      const unsent = await world.sql(`select id from outbox where state = 'pending' and order_id = $1`, [
        orderId,
      ]);
      expect([...(await world.waitingEvents()), ...unsent]).toEqual([]);
    });
  }

  /** Pays while Stripe is silent, so that the events are there and none of them was delivered. */
  async function paidInSilence(): Promise<{ orderId: string; paymentId: string; events: string[] }> {
    const request = purchase();
    const { sessionId, paymentId } = await openAtProvider(world.service, request);
    world.stripe.setWebhooks([]);
    const before = world.stripe.events.length;
    await world.stripe.payWithCard(sessionId);
    world.sendWebhooksToAll();
    return {
      orderId: request.orderId,
      paymentId,
      events: world.stripe.events.slice(before).map(({ id }) => id),
    };
  }

  async function expectOneSuccess(orderId: string, paymentId: string): Promise<void> {
    expect(await stream.typesOf(orderId)).toEqual(['payment.created', 'payment.succeeded']);
    expect(orders.of(orderId)).toHaveLength(1);
    const steps = await world.sql(
      `select to_status from payment_transitions where payment_id = $1 order by version`,
      [paymentId],
    );
    expect(steps).toEqual([{ to_status: 'created' }, { to_status: 'succeeded' }]);
  }

  it('the same event fifty times at once is one transition, one event and one legacy event', async () => {
    const { orderId, paymentId, events } = await paidInSilence();
    const completed = world.stripe.events.find(
      ({ id, type }) => events.includes(id) && type === 'checkout.session.completed',
    );
    const logged = world.stripe.delivery.log.length;
    world.stripe.delivery.set({ duplicate: DELIVERIES / 2, concurrency: DELIVERIES });
    world.stripe.delivery.resend(completed?.id ?? '');
    await world.stripe.delivery.settled();
    const answers = world.stripe.delivery.log.slice(logged).map(({ status }) => status);
    expect(answers).toEqual(new Array(DELIVERIES).fill(200));

    await eventually(() => expect(orders.of(orderId)).not.toEqual([]));
    await worked(orderId);
    await expectOneSuccess(orderId, paymentId);
    const stored = await world.sql(`select state from webhook_inbox where event_id = $1`, [completed?.id]);
    expect(stored).toEqual([{ state: 'done' }]);
  });

  it.each([1, 2, 3])(
    'every event of a card payment, five times each in shuffle %i, is one success',
    async (seed) => {
      const { orderId, paymentId, events } = await paidInSilence();
      const logged = world.stripe.delivery.log.length;
      world.stripe.delivery.set({ duplicate: COPIES, concurrency: 4, reorder: { seed }, paused: true });
      for (const id of events) world.stripe.delivery.resend(id);
      world.stripe.delivery.set({ paused: false });
      await world.stripe.delivery.settled();
      const answers = world.stripe.delivery.log.slice(logged).map(({ status }) => status);
      expect(answers).toEqual(new Array(events.length * COPIES * world.services.length).fill(200));

      await eventually(() => expect(orders.of(orderId)).not.toEqual([]));
      await worked(orderId);
      await expectOneSuccess(orderId, paymentId);
      expect(await readPayment(world.service, paymentId)).toMatchObject({
        status: 'succeeded',
        amountCaptured: 3998,
      });
      expect(await paymentsOf(world.service, orderId)).toHaveLength(1);
    },
  );
});
