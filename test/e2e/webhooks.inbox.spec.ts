import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { AppBed, WEBHOOK_SECRET } from '../support/domain/app.bed.js';
import { post } from '../support/domain/http.call.js';
import { signed, stripeEvent, type TestEvent } from '../support/domain/signed.event.js';
import { until } from '../support/outbox/until.js';
import { freshDatabase } from '../support/servers/database.js';
import { startTcpProxy, type TcpProxy } from '../support/servers/tcp.proxy.js';

interface InboxRow extends Record<string, unknown> {
  state: string;
  attempts: number;
  outcome: string | null;
  last_error: string | null;
  wait_ms: number;
}

describe('the inbox', () => {
  let bed: AppBed;
  beforeAll(async () => {
    bed = await AppBed.start();
  });
  afterAll(() => bed.stop());

  const deliver = (event: TestEvent) =>
    post(`${bed.url}/webhooks/stripe`, event.body, {
      'content-type': 'application/json',
      'stripe-signature': signed(event.body, WEBHOOK_SECRET),
    });
  const rowOf = async (event: TestEvent): Promise<InboxRow | undefined> => {
    const [row] = await bed.rows<InboxRow>(
      `select state, attempts, outcome, last_error,
        (extract(epoch from next_attempt_at - payments_now()) * 1000)::int as wait_ms
       from webhook_inbox where event_id = '${event.id}'`,
    );
    return row;
  };
  const inState = (event: TestEvent, state: string) =>
    until(async () => {
      const row = await rowOf(event);
      return row?.state === state ? row : undefined;
    });
  /** Tried so often, and put back for later. */
  const putOff = (event: TestEvent, attempts: number) =>
    until(async () => {
      const row = await rowOf(event);
      return row !== undefined && row.attempts >= attempts && row.wait_ms > 0 ? row : undefined;
    });
  const makeDue = (event: TestEvent) =>
    bed.rows(`update webhook_inbox set next_attempt_at = payments_now() where event_id = '${event.id}'`);
  /** About a payment that does not exist: it waits for it. */
  const orphan = (): TestEvent => charged({ orderId: randomUUID(), paymentId: randomUUID() });

  /** Another service's payment, which ends as ours. */
  const applied = async (orderId: string = randomUUID()): Promise<TestEvent> => {
    const event = charged({ orderId });
    await deliver(event);
    await inState(event, 'done');
    return event;
  };
  /** Tried, and failed, so often: the waits between are skipped. */
  const failTimes = async (event: TestEvent, times: number): Promise<InboxRow> => {
    for (let attempt = 1; attempt < times; attempt += 1) {
      await putOff(event, attempt);
      await makeDue(event);
    }
    return putOff(event, times);
  };
  const daysOfFailing = (days: number) =>
    bed.rows(`update webhook_inbox set failing_since = failing_since - interval '${days} days',
      next_attempt_at = payments_now() where state = 'received' and failures > 0`);
  /** Taken by another process of ours, at a provider that this one does not know. */
  const elsewhere = async (): Promise<TestEvent> => {
    const event = stripeEvent({ type: 'refund.created' });
    await bed.rows(
      `insert into webhook_inbox (provider, event_id, type, livemode, body, body_hash, headers)
       values ('acme', '${event.id}', 'refund.created', false, '{}', 'none', '{}')`,
    );
    return event;
  };

  it('takes one event fifty times at once, in one transaction or many, once', async () => {
    const event = stripeEvent();
    const answers = await Promise.all(Array.from({ length: 50 }, () => deliver(event)));
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    const [stored] = await bed.rows(
      `select count(*)::int as n from webhook_inbox where event_id = '${event.id}'`,
    );
    expect(stored).toEqual({ n: 1 });
  });

  it('lets an event wait for what is not here yet, longer each time', async () => {
    const event = orphan();
    await deliver(event);
    const first = await inState(event, 'parked');
    expect(first).toMatchObject({ last_error: 'payment_unknown', outcome: null });
    const waits = [];
    for (let attempt = 2; attempt <= 5; attempt += 1) {
      await makeDue(event);
      waits.push((await putOff(event, attempt)).wait_ms);
    }
    for (let at = 1; at < waits.length; at += 1)
      expect(waits[at]).toBeGreaterThan((waits[at - 1] ?? 0) * 1.4);
    expect(waits.at(-1)).toBeLessThanOrEqual(8_000);
  });

  it('alerts of an event that waits for minutes, and gives it to the operator after a day', async () => {
    const event = await elsewhere();
    await inState(event, 'parked');
    await bed.rows(
      `update webhook_inbox set received_at = received_at - interval '6 minutes', next_attempt_at = payments_now() where event_id = '${event.id}'`,
    );
    await until(() => bed.logs.all.includes(`event ${event.id} (refund.created) still waits`));
    await bed.rows(
      `update webhook_inbox set received_at = received_at - interval '1 day', next_attempt_at = payments_now() where event_id = '${event.id}'`,
    );
    expect(await inState(event, 'dead')).toMatchObject({ outcome: 'gave up: provider_not_configured' });
  });

  it('gives an event up that fails again and again, and lets the others pass', async () => {
    // Known to be paid by a charge, of which Stripe's own API knows nothing.
    const event = succeededIntent({ orderId: randomUUID() });
    await deliver(event);
    await putOff(event, 1);
    await applied();
    const dead = await until(async () => {
      const row = await rowOf(event);
      if (row?.state === 'dead') return row;
      await makeDue(event);
      return undefined;
    });
    expect(dead.attempts).toBeGreaterThanOrEqual(8);
    expect(dead.outcome).toContain('Stripe does not know the object');
    const next = stripeEvent();
    await deliver(next);
    await inState(next, 'ignored');
  });

  describe('with an error of ours', () => {
    // What a statement runs into that only some events make.
    beforeAll(() =>
      bed.rows(`alter table payments add constraint ours check (order_id not like 'poison%') not valid`),
    );
    afterAll(() => bed.rows('alter table payments drop constraint ours'));
    const poison = (): TestEvent => charged({ orderId: `poison-${randomUUID()}` });

    it('T22a buries an event only after days, and only one that fails while others are applied', async () => {
      const event = poison();
      await deliver(event);
      expect(await failTimes(event, 10)).toMatchObject({ state: 'received' });
      await applied();
      await makeDue(event);
      expect(await putOff(event, 11)).toMatchObject({ state: 'received' });
      // Days later, and nothing else was applied meanwhile.
      await bed.rows(`update webhook_inbox set processed_at = processed_at - interval '9 days'`);
      await daysOfFailing(4);
      expect(await putOff(event, 12)).toMatchObject({ state: 'received' });
      await applied();
      await makeDue(event);
      expect((await inState(event, 'dead')).outcome).toContain('violates check constraint "ours"');
    });

    it('T22b buries none of several that fail alike, and tries all again once one is applied', async () => {
      const events = [poison(), poison(), poison()];
      await Promise.all(events.map(deliver));
      await Promise.all(events.map((event) => failTimes(event, 10)));
      await applied();
      await daysOfFailing(30);
      for (const event of events) expect(await putOff(event, 11)).toMatchObject({ state: 'received' });
      expect(bed.logs.all).toMatch(/has failed 1\d times and is tried again: .*violates check constraint/);
      const metrics = await (await fetch(`${bed.url}/metrics`)).text();
      expect(metrics).toContain('inbox_failing 3');

      await bed.rows('alter table payments drop constraint ours');
      const [first, ...others] = events;
      if (first !== undefined) await makeDue(first);
      for (const event of events) await inState(event, 'done');
      expect(others).toHaveLength(2);
      await bed.rows(
        `alter table payments add constraint ours check (order_id not like 'poison%') not valid`,
      );
    });

    it('T22c waits minutes at most between two tries, for days', async () => {
      const event = poison();
      await deliver(event);
      const row = await failTimes(event, 14);
      expect(row.wait_ms).toBeGreaterThan(200_000);
      expect(row.wait_ms).toBeLessThanOrEqual(300_000);
    });
  });

  it.each([
    ['0', 0, 0, 500],
    ['a billion seconds', 1_000_000_000, 500_000, 600_000],
  ])(
    'T22d comes back to a provider that says Retry-After: %s within bounds',
    async (_what, seconds, least, most) => {
      const event = succeededIntent({ orderId: randomUUID() });
      const fault = { kind: 'status', path: '/v1/payment_intents', status: 429, count: 0 } as const;
      bed.stripe.faults.add({ ...fault, retryAfterSeconds: seconds });
      await deliver(event);
      const { wait_ms } = await putOff(event, 1);
      expect(wait_ms).toBeLessThanOrEqual(most);
      expect(wait_ms).toBeGreaterThan(least);
      bed.stripe.faults.clear();
    },
  );

  it('does not give an event up for what is not its fault', async () => {
    const event = succeededIntent({ orderId: randomUUID() });
    bed.stripe.faults.add({ kind: 'status', path: '/v1/payment_intents', status: 500, count: 0 });
    await deliver(event);
    for (let attempt = 1; attempt < 10; attempt += 1) {
      expect(await putOff(event, attempt)).toMatchObject({ state: 'received' });
      await makeDue(event);
    }
    bed.stripe.faults.clear();
  });
});

describe('the inbox, with its database far away', () => {
  let proxy: TcpProxy;
  let bed: AppBed;
  beforeAll(async () => {
    const fresh = await freshDatabase();
    const { hostname: host, port } = new URL(fresh.url);
    proxy = await startTcpProxy({ target: { host, port: Number(port) } });
    bed = await AppBed.start({}, { ...fresh, url: proxy.through(fresh.url) });
  });
  afterAll(async () => {
    await bed.stop();
    await proxy.stop();
  });

  const deliver = (event: TestEvent) =>
    post(`${bed.url}/webhooks/stripe`, event.body, {
      'content-type': 'application/json',
      'stripe-signature': signed(event.body, WEBHOOK_SECRET),
    });
  const batches = async (): Promise<{ count: number; events: number }> => {
    const text = await (await fetch(`${bed.url}/metrics`)).text();
    const value = (name: string) => Number(new RegExp(`^${name} (\\d+)`, 'm').exec(text)?.[1]);
    return { count: value('inbox_batch_size_count'), events: value('inbox_batch_size_sum') };
  };
  it('takes 200 webhooks at once in far fewer transactions', async () => {
    // While one commit is on its way, the others gather.
    proxy.delay(50);
    const before = await batches();
    const events = Array.from({ length: 200 }, () => stripeEvent());
    const answers = await Promise.all(events.map(deliver));
    expect(answers.map(({ status }) => status)).toEqual(events.map(() => 200));
    proxy.delay(0);
    const after = await batches();
    expect(after.events - before.events).toBe(200);
    expect(after.count - before.count).toBeLessThan(40);
    const ids = events.map(({ id }) => `'${id}'`).join();
    const [stored] = await bed.rows(
      `select count(*)::int as n from webhook_inbox where event_id in (${ids})`,
    );
    expect(stored).toEqual({ n: 200 });
  });

  it('refuses the one event that the database cannot hold, and takes its neighbours', async () => {
    // A NUL, which Postgres has no text for. Nothing else of the event reaches the log either.
    const poison = stripeEvent({ type: 'poison\u0000ed', data: { object: { owner: 'Canary Owner' } } });
    // The first goes alone; the others gather behind it, the poison among them.
    proxy.delay(50);
    const neighbours = Array.from({ length: 30 }, () => stripeEvent()).map(deliver);
    const poisoned = deliver(poison);
    const more = Array.from({ length: 30 }, () => stripeEvent()).map(deliver);
    const answers = await Promise.all([...neighbours, ...more]);
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    expect((await poisoned).status).toBe(400);
    proxy.delay(0);
    expect(await bed.rows(`select id from webhook_inbox where event_id = '${poison.id}'`)).toEqual([]);
    expect(bed.logs.all).not.toContain('Canary Owner');
  });

  it('acknowledges nothing while it is away, and takes the redelivery', async () => {
    const event = stripeEvent();
    await proxy.cut();
    const refused = await Promise.all(Array.from({ length: 10 }, () => deliver(event)));
    for (const answer of refused) {
      expect(answer.status).toBe(503);
      expect(answer.body).toMatchObject({ code: 'database_unavailable', details: [] });
      expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
    }
    await proxy.restore();
    const again = await until(async () => {
      const answer = await deliver(event);
      return answer.status === 200 ? answer : undefined;
    });
    expect(again.body).toEqual({ received: true });
    const [stored] = await bed.rows(
      `select count(*)::int as n from webhook_inbox where event_id = '${event.id}'`,
    );
    expect(stored).toEqual({ n: 1 });
  });
});

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

function succeededIntent(metadata: Record<string, string>): TestEvent {
  return stripeEvent({
    type: 'payment_intent.succeeded',
    data: {
      object: {
        id: `pi_${randomUUID()}`,
        object: 'payment_intent',
        amount: 1_999,
        amount_received: 1_999,
        currency: 'usd',
        created: 1_790_000_000,
        latest_charge: `ch_${randomUUID()}`,
        livemode: false,
        metadata,
        status: 'succeeded',
      },
    },
  });
}
