import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createHash, randomUUID } from 'node:crypto';
import { userInfo } from 'node:os';
import { AppBed, WEBHOOK_SECRET } from '../support/domain/app.bed.js';
import { post } from '../support/domain/http.call.js';
import { signed, stripeEvent, type TestEvent } from '../support/domain/signed.event.js';
import { mexicanPurchase, openAtProvider, purchase } from '../support/harness/calls.js';
import { runCliProcess } from '../support/harness/cli.process.js';
import { eventually } from '../support/harness/eventually.js';
import { serviceEnvironment } from '../support/harness/service.environment.js';
import { startWorld, type World } from '../support/harness/world.js';
import { freshDatabase, type FreshDatabase } from '../support/servers/database.js';

const hashOf = (key: string): string => createHash('sha256').update(key).digest('hex');
const KEYS = ['operator', 'viewer', 'service'].map((role) => `${role}-1:${role}:${hashOf(role)}`).join();

interface Event extends Record<string, unknown> {
  id: string;
  state: string;
}
interface Answer {
  status: number;
  body: Record<string, unknown> & { data: Event[]; details: unknown };
}

describe('the operator’s view of the events', () => {
  let bed: AppBed;
  beforeAll(async () => {
    bed = await AppBed.start({ API_KEYS: KEYS });
  });
  afterAll(() => bed.stop());

  const deliver = async (event: TestEvent): Promise<void> => {
    const { status } = await post(`${bed.url}/webhooks/stripe`, event.body, {
      'content-type': 'application/json',
      'stripe-signature': signed(event.body, WEBHOOK_SECRET),
    });
    expect(status).toBe(200);
  };
  const ask = async (method: 'GET' | 'POST', path: string, key = 'operator'): Promise<Answer> => {
    const headers = { authorization: `Bearer ${key}` };
    const answer = await fetch(`${bed.url}${path}`, { method, headers });
    return { status: answer.status, body: JSON.parse(await answer.text()) };
  };
  const becomes = (event: TestEvent, state: string): Promise<Answer> =>
    eventually(async () => {
      const answer = await ask('GET', `/events/${event.id}`);
      expect(answer.body).toMatchObject({ state });
      return answer;
    });
  /** An event that the build before gave up over a column that was missing. */
  const dead = async (event = adoptable()): Promise<TestEvent> => {
    await deliver(event);
    await becomes(event, 'done');
    await bed.rows(
      `update webhook_inbox set state = 'dead', outcome = 'column "x" does not exist, says buyer@example.com',
        attempts = 8, failures = 7, processed_at = now(), received_at = now() - interval '9 days'
       where event_id = '${event.id}'`,
    );
    return event;
  };

  it('T22f lists the dead ones, page by page, without their bodies', async () => {
    const events = [await dead(), await dead(), await dead()];
    const first = await ask('GET', '/events?state=dead&provider=stripe&limit=2', 'viewer');
    expect(first).toMatchObject({ status: 200, body: { nextCursor: expect.any(String) } });
    const second = await ask('GET', `/events?state=dead&limit=2&cursor=${String(first.body.nextCursor)}`);
    const listed = [...first.body.data, ...second.body.data];
    expect(listed.map(({ eventId }) => eventId)).toEqual(events.map(({ id }) => id).reverse());
    expect(second.body.nextCursor).toBeNull();
    expect(listed[0]).toEqual({
      id: expect.stringMatching(/^\d+$/),
      provider: 'stripe',
      eventId: events[2]?.id,
      type: 'charge.succeeded',
      livemode: false,
      state: 'dead',
      outcome: 'column "x" does not exist, says [redacted]',
      lastError: null,
      attempts: 8,
      failures: 7,
      receivedAt: expect.any(String),
      nextAttemptAt: null,
      processedAt: expect.any(String),
      replayable: true,
    });
    for (const query of ['state=none', 'cursor=x', 'limit=0'])
      expect((await ask('GET', `/events?${query}`)).body).toMatchObject({ code: 'invalid_request' });
  });

  it('T22g shows the body to an operator only, and lets nobody else replay', async () => {
    const event = await dead();
    expect((await ask('GET', `/events/${event.id}`)).body).toMatchObject({ body: event.body });
    expect((await ask('GET', `/events/${event.id}`, 'viewer')).body).toMatchObject({ body: null });
    expect((await ask('GET', '/events', 'service')).status).toBe(403);
    expect((await ask('GET', '/events', 'stranger')).status).toBe(401);
    for (const key of ['viewer', 'service'])
      expect((await ask('POST', `/events/${event.id}/replay`, key)).status).toBe(403);
    for (const id of ['evt_none', '999999', '%00', `${'9'.repeat(40)}`])
      expect((await ask('POST', `/events/${id}/replay`)).body).toMatchObject({ code: 'not_found' });
  });

  it('T22h revives an event that the build before gave up, by its number or the provider’s id, and says who', async () => {
    const [one, other] = [await dead(), await dead()];
    const { id } = (await becomes(other, 'dead')).body;
    for (const name of [one.id, String(id)]) {
      const answer = await ask('POST', `/events/${name}/replay`);
      expect(answer).toMatchObject({ status: 200, body: { state: expect.stringMatching(/received|done/) } });
    }
    await becomes(one, 'done');
    await becomes(other, 'done');
    const rows = await bed.rows(
      `select actor, action, detail->>'eventId' as event, detail->>'from' as was
       from operator_actions where target = '${String(id)}'`,
    );
    expect(rows).toEqual([{ actor: 'operator-1', action: 'events.replay', event: other.id, was: 'dead' }]);
    expect((await ask('POST', `/events/${one.id}/replay`)).body).toMatchObject({
      code: 'transition_refused',
      details: { from: 'done', reason: 'it was applied' },
    });
  });

  it('T22i says that it cannot replay what was pruned, and what is of another mode or account', async () => {
    const pruned = await dead();
    await bed.rows(`update webhook_inbox set body = null where event_id = '${pruned.id}'`);
    const otherMode = stripeEvent({ livemode: true });
    const otherAccount = stripeEvent({ account: 'acct_other' });
    await deliver(otherMode);
    await deliver(otherAccount);
    for (const [event, reason] of [
      [pruned, /body was pruned/],
      [otherMode, /other mode/],
      [otherAccount, /another account/],
    ] as const) {
      expect(await ask('POST', `/events/${event.id}/replay`)).toMatchObject({
        status: 409,
        body: { code: 'transition_refused', details: { reason: expect.stringMatching(reason) } },
      });
    }
  });

  it('T22k waits again for what a revived event belongs to, however old it is', async () => {
    const orphan = charged({ orderId: randomUUID(), paymentId: randomUUID() });
    await deliver(orphan);
    await becomes(orphan, 'parked');
    await bed.rows(
      `update webhook_inbox set received_at = received_at - interval '2 days', next_attempt_at = now()
       where event_id = '${orphan.id}'`,
    );
    await becomes(orphan, 'dead');
    await ask('POST', `/events/${orphan.id}/replay`);
    await becomes(orphan, 'parked');
  });
});

describe('while a column is missing', () => {
  let world: World;
  let fresh: FreshDatabase;
  beforeAll(async () => {
    fresh = await freshDatabase();
    world = await startWorld({ conekta: true, database: { url: fresh.url } });
  }, 120_000);
  afterAll(async () => {
    await world.stop();
    await fresh.drop();
  });

  const rename = (from: string, to: string) =>
    world.sql(`alter table payment_transitions rename column ${from} to ${to}`);
  /** Pays five orders at both providers, and lets every event fail ten times. */
  const payInVain = async (): Promise<string[]> => {
    const dollars = [purchase(), purchase(), purchase()];
    const pesos = [mexicanPurchase(), mexicanPurchase()];
    const opened = await Promise.all(dollars.map((request) => openAtProvider(world.service, request)));
    const openedThere = await Promise.all(pesos.map((request) => openAtProvider(world.service, request)));
    await rename('cause', 'cause_gone');
    for (const { sessionId } of opened) await world.stripe.payWithCard(sessionId);
    for (const { sessionId } of openedThere) await world.conekta.payWithCard(sessionId);
    await world.stripe.delivery.settled();
    await world.conekta.delivery.settled();
    return [...dollars, ...pesos].map(({ orderId }) => orderId);
  };
  const states = async (): Promise<Record<string, number>> => {
    const rows = await world.sql<{ state: string; n: number }>(
      'select state, count(*)::int as n from webhook_inbox group by state',
    );
    return Object.fromEntries(rows.map(({ state, n }) => [state, n]));
  };
  const paidOnce = async (orders: readonly string[]): Promise<void> => {
    for (const orderId of orders) {
      const told = await world.sql(
        `select p.status, count(o.id)::int as told from payments p
         join outbox o on o.key = p.id::text and o.subject = 'payments.events.payment.succeeded'
         where p.order_id = $1 group by p.status`,
        [orderId],
      );
      expect(told).toEqual([{ status: 'succeeded', told: 1 }]);
    }
  };

  it('T22l no event of either provider is dead, and all are applied once when it is back', async () => {
    const orders = await payInVain();
    await eventually(async () => {
      await world.sql(`update webhook_inbox set next_attempt_at = now() where state = 'received'`);
      const [least] = await world.sql<{ failures: number; n: number }>(
        `select min(failures) as failures, count(*)::int as n from webhook_inbox
         where state in ('received', 'dead') and type in ('charge.succeeded', 'order.paid')`,
      );
      expect(least?.n).toBe(5);
      expect(least?.failures).toBeGreaterThan(10);
    }, 60_000);
    expect(await states()).not.toHaveProperty('dead');

    await rename('cause_gone', 'cause');
    await eventually(async () => {
      await world.sql(`update webhook_inbox set next_attempt_at = now()
        where id = (select min(id) from webhook_inbox where state = 'received')`);
      await paidOnce(orders);
      expect(await states()).not.toHaveProperty('received');
    }, 60_000);
    expect(await states()).not.toHaveProperty('dead');
  }, 150_000);

  it('T22m the command line revives what the build before has buried', async () => {
    const orders = await payInVain();
    await eventually(async () => {
      await world.sql(
        `update webhook_inbox set state = 'dead', outcome = last_error where state = 'received' and failures > 0`,
      );
      expect((await states()).received ?? 0).toBe(0);
    });
    await rename('cause_gone', 'cause');
    const env = serviceEnvironment({
      port: 0,
      natsUrl: world.nats.url,
      stripeUrl: world.stripe.url,
      conekta: world.conekta,
      database: { url: fresh.url },
    });
    const listed = await runCliProcess(['events', '--state', 'dead', '--json'], env);
    const dead: { data: Event[] } = JSON.parse(listed.stdout);
    expect(dead.data.length).toBeGreaterThanOrEqual(5);
    const replayed = await runCliProcess(['replay', '--dead', '--json'], env);
    expect(replayed).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(replayed.stdout)).toEqual({ revived: dead.data.length, withoutBody: 0 });
    await eventually(() => paidOnce(orders));
    const rows = await world.sql(`select actor, action, detail->>'revived' as n from operator_actions`);
    const actor = `cli:${userInfo().username}`;
    expect(rows).toEqual([{ actor, action: 'events.replay', n: String(dead.data.length) }]);
  }, 150_000);
});

/** A payment of another service, which is adopted. */
function adoptable(): TestEvent {
  return charged({ orderId: randomUUID() });
}

function charged(metadata: Record<string, string>): TestEvent {
  return stripeEvent({
    type: 'charge.succeeded',
    data: {
      object: {
        id: `ch_${randomUUID()}`,
        object: 'charge',
        amount: 1_999,
        amount_captured: 1_999,
        captured: true,
        created: 1_790_000_000,
        currency: 'usd',
        livemode: false,
        metadata,
        paid: true,
        payment_intent: `pi_${randomUUID()}`,
        status: 'succeeded',
      },
    },
  });
}
