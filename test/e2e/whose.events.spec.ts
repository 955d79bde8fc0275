import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createHash, randomUUID } from 'node:crypto';
import { startConektaSandbox } from '../../sandbox/conekta/conekta.sandbox.js';
import type { ConektaSandbox } from '../../sandbox/conekta/conekta.sandbox.types.js';
import { AppBed, WEBHOOK_SECRET } from '../support/domain/app.bed.js';
import { post } from '../support/domain/http.call.js';
import { signed, stripeEvent, type TestEvent } from '../support/domain/signed.event.js';
import type { TokenBody } from '../support/harness/billing.stage.js';
import { call, mexicanPurchase, openSession, purchase, readPayment } from '../support/harness/calls.js';
import { until } from '../support/outbox/until.js';

const OURS = 'acct_sandbox';
const OTHER = 'acct_of_somebody_else';

interface Stored extends Record<string, unknown> {
  event_id: string;
  type: string;
  state: string;
  outcome: string | null;
  last_error: string | null;
}

/** Both providers' stand-ins send their events to the service. */
async function startBed(env: Record<string, string> = {}): Promise<{ bed: AppBed; conekta: ConektaSandbox }> {
  const conekta = await startConektaSandbox();
  const bed = await AppBed.start({
    STRIPE_PUBLISHABLE_KEY: 'pk_test_sandbox',
    CONEKTA_PRIVATE_KEY: conekta.privateKey,
    CONEKTA_PUBLIC_KEY: conekta.publicKey,
    CONEKTA_WEBHOOK_PUBLIC_KEYS: conekta.publicKeyPem,
    CONEKTA_API_BASE: conekta.url,
    INSTALLATION_ID: 'shop-production',
    ...env,
  });
  bed.stripe.setWebhooks([`${bed.url}/webhooks/stripe`]);
  conekta.setWebhooks([`${bed.url}/webhooks/conekta`]);
  return { bed, conekta };
}

describe('an event that names an account', () => {
  let bed: AppBed;
  let conekta: ConektaSandbox;
  beforeAll(async () => {
    ({ bed, conekta } = await startBed());
  });
  afterAll(async () => {
    await bed.stop();
    await conekta.close();
  });
  beforeEach(() => {
    bed.stripe.faults.clear();
    bed.stripe.setEnvelope({});
  });

  const events = (orderId: string): Promise<Stored[]> =>
    bed.rows<Stored>(
      `select event_id, type, state, outcome, last_error from webhook_inbox
       where convert_from(body, 'UTF8') like '%${orderId}%' order by id`,
    );
  const payments = (orderId: string) =>
    bed.rows<{ status: string }>(`select status from payments where order_id = '${orderId}'`);
  /** An order of the replaced service is paid; its events say so in this envelope. */
  async function paid(envelope: { account?: string; context?: string }): Promise<string> {
    const orderId = randomUUID();
    bed.stripe.setEnvelope(envelope);
    const session = await bed.stripe.legacySession({ orderId, metadata: { orderId } });
    await bed.stripe.payWithCard(session.id);
    await bed.stripe.delivery.settled();
    return orderId;
  }
  const inState = (orderId: string, ...states: string[]) =>
    until(async () => {
      const rows = await events(orderId);
      return rows.length > 0 && rows.every(({ state }) => states.includes(state)) ? rows : undefined;
    });
  const makeDue = () =>
    bed.rows('update webhook_inbox set owner_check_at = payments_now() where owner_check_at is not null');
  const waits = (orderId: string) =>
    until(async () => {
      const rows = await events(orderId);
      return rows.length > 0 && bed.logs.all.includes(`event ${rows[0]?.event_id}`) ? rows : undefined;
    });
  it.each([[500], [401], [429]])(
    'T2a waits while who we are is answered by %s: neither applied, dead nor quarantined',
    async (status) => {
      bed.stripe.faults.add({ kind: 'status', path: '/v1/account', status, count: 0 });
      const orderId = await paid({ context: OURS });
      for (const { state } of await waits(orderId)) expect(['received', 'parked']).toContain(state);
      expect(await payments(orderId)).toEqual([]);
      // However long it takes.
      await bed.rows(
        `update webhook_inbox set received_at = received_at - interval '9 days' where state = 'parked'`,
      );
      await makeDue();
      await waits(orderId);
      for (const { state } of await events(orderId)) expect(['received', 'parked']).toContain(state);
      expect(bed.stripe.faults.fired().status).toBeGreaterThan(0);
      await bed.rows(`update webhook_inbox set received_at = payments_now() where state = 'parked'`);
    },
  );

  it('T2b is of ours where our key may not ask who we are, and reads the object that it is about', async () => {
    bed.stripe.faults.add({ kind: 'status', path: '/v1/account', status: 403, count: 0 });
    const own = await paid({ context: `org_1/${OTHER}` });
    await makeDue();
    await inState(own, 'done', 'ignored');
    expect(await payments(own)).toEqual([{ status: 'succeeded' }]);
  });

  it('T2c is quarantined where our key does not know the object, and waits while that is not answered', async () => {
    bed.stripe.faults.add({ kind: 'status', path: '/v1/account', status: 403, count: 0 });
    const orderId = randomUUID();
    const event = charged(orderId, { account: OTHER });
    bed.stripe.faults.add({ kind: 'status', path: '/v1/charges', status: 500, count: 0 });
    await deliver(bed, event);
    await waits(orderId);
    expect((await events(orderId)).map(({ state }) => state)).toEqual(['parked']);
    bed.stripe.faults.clear();
    bed.stripe.faults.add({ kind: 'status', path: '/v1/account', status: 403, count: 0 });
    await makeDue();
    const [row] = await inState(orderId, 'quarantined');
    expect(row?.outcome).toBe('of another account');
    expect(await payments(orderId)).toEqual([]);
  });
});

describe('an event that names an account, once we know who we are', () => {
  let bed: AppBed;
  let conekta: ConektaSandbox;
  beforeAll(async () => {
    ({ bed, conekta } = await startBed());
  });
  afterAll(async () => {
    await bed.stop();
    await conekta.close();
  });

  const stateOf = async (event: TestEvent): Promise<Stored> =>
    until(async () => {
      const [row] = await bed.rows<Stored>(
        `select event_id, type, state, outcome, last_error from webhook_inbox where event_id = '${event.id}'`,
      );
      return row !== undefined && row.state !== 'received' && row.state !== 'parked' ? row : undefined;
    });
  const payments = (orderId: string) =>
    bed.rows<{ status: string }>(`select status from payments where order_id = '${orderId}'`);

  it.each([
    [{ context: OTHER }],
    [{ context: `org_1/${OTHER}` }],
    [{ context: `${OURS}/${OTHER}` }],
    [{ account: OTHER }],
    [{ account: OTHER, context: OURS }],
    [{ account: OURS, context: OTHER }],
  ])('T2d another than ours, %j, is stored and moves nothing', async (envelope) => {
    const orderId = randomUUID();
    const event = charged(orderId, envelope);
    expect((await deliver(bed, event)).status).toBe(200);
    expect(await stateOf(event)).toMatchObject({ state: 'quarantined', outcome: 'of another account' });
    expect(await payments(orderId)).toEqual([]);
  });

  it.each([
    [{ context: OURS }],
    [{ account: OURS }],
    [{ account: OURS, context: OURS }],
    [{ context: `org_1/${OURS}` }],
    [{ account: null, context: null }],
  ])('T2e our own, %j, is applied', async (envelope) => {
    const orderId = randomUUID();
    const event = charged(orderId, envelope);
    await deliver(bed, event);
    expect(await stateOf(event)).toMatchObject({ state: 'done' });
    expect(await payments(orderId)).toEqual([{ status: 'succeeded' }]);
  });

  it('T2f an organization alone, is of whoever has its object', async () => {
    const strange = charged(randomUUID(), { context: 'org_1' });
    await deliver(bed, strange);
    expect((await stateOf(strange)).state).toBe('quarantined');
  });

  it('T2g is quarantined still, where an older version has done so', async () => {
    const orderId = randomUUID();
    const event = charged(orderId, { account: OURS });
    await bed.rows(
      `insert into webhook_inbox (provider, event_id, type, livemode, foreign_account, body, body_hash, state)
       values ('stripe', '${event.id}', 'charge.succeeded', false, '${OURS}', '${event.body}', 'x', 'quarantined')`,
    );
    const next = charged(randomUUID(), { account: OURS });
    await deliver(bed, next);
    expect((await stateOf(next)).state).toBe('done');
    expect((await stateOf(event)).state).toBe('quarantined');
    expect(await payments(orderId)).toEqual([]);
  });
});

describe('an event of a payment that another installation may have made', () => {
  let bed: AppBed;
  let conekta: ConektaSandbox;
  beforeAll(async () => {
    ({ bed, conekta } = await startBed({ ADOPT_SINCE: '2099-01-01T00:00:00Z' }));
  });
  afterAll(async () => {
    await bed.stop();
    await conekta.close();
  });

  interface Payment extends Record<string, unknown> {
    id: string;
    status: string;
    announced: boolean;
  }
  const payments = (orderId: string) =>
    bed.rows<Payment>(`select id, status, announced from payments where order_id = '${orderId}'`);
  const events = (orderId: string) =>
    bed.rows<Stored>(
      `select event_id, type, state, outcome, last_error from webhook_inbox
       where convert_from(body, 'UTF8') like '%${orderId}%' order by id`,
    );
  const counted = async (provider: string, outcome: string): Promise<number> => {
    const text = await (await fetch(`${bed.url}/metrics`)).text();
    const lines = text.split('\n').filter((line) => line.startsWith('facts_applied_total'));
    return lines
      .filter((line) => line.includes(`provider="${provider}"`) && line.includes(`outcome="${outcome}"`))
      .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
  };
  /** As if they had arrived a minute ago. */
  const letTimePass = (orderId: string) =>
    bed.rows(
      `update webhook_inbox set received_at = received_at - interval '1 minute', next_attempt_at = payments_now()
       where state = 'parked' and convert_from(body, 'UTF8') like '%${orderId}%'`,
    );
  const parked = (orderId: string) =>
    until(async () => {
      const rows = await events(orderId);
      return rows.some(({ state, last_error }) => state === 'parked' && last_error === 'payment_unknown');
    });

  const providers = [
    ['stripe', payAtStripe],
    ['conekta', payAtConekta],
  ] as const;
  type Marks = Record<string, string>;

  /** A session that somebody with our key made and somebody paid. */
  async function payAtStripe(marks: Marks): Promise<void> {
    const session = await bed.stripe.openLink({ amount: 3_998, metadata: marks });
    await bed.stripe.payWithCard(session.id);
    await bed.stripe.delivery.settled();
  }
  async function payAtConekta(marks: Marks): Promise<void> {
    const answer = await fetch(`${conekta.url}/orders`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${conekta.privateKey}`,
        accept: 'application/vnd.conekta-v2.3.0+json',
        'content-type': 'application/json',
      },
      body: JSON.stringify({
        currency: 'MXN',
        customer_info: { name: 'Ana Prueba', email: 'ana@example.com', phone: '+525512345678' },
        line_items: [{ name: 'Silla', unit_price: 3_998, quantity: 1 }],
        checkout: { type: 'HostedPayment', allowed_payment_methods: ['card'], name: 'Silla' },
        metadata: marks,
      }),
    });
    const order: unknown = await answer.json();
    if (typeof order !== 'object' || order === null || !('id' in order))
      throw new Error(`no order: ${JSON.stringify(order)}`);
    await conekta.payWithCard(String(order.id));
    await conekta.delivery.settled();
  }

  it.each(providers)(
    "T3j at %s another's is ignored and counted, without an alert",
    async (provider, pay) => {
      const orderId = randomUUID();
      const before = await counted(provider, 'other_installation');
      await pay({ orderId, paymentId: randomUUID(), installationId: 'shop-staging' });
      const rows = await until(async () => {
        const all = await events(orderId);
        return all.length > 0 && all.every(({ state }) => state === 'ignored') ? all : undefined;
      });
      expect(rows.map(({ outcome }) => outcome).join()).toContain('other_installation');
      expect(await payments(orderId)).toEqual([]);
      expect(await counted(provider, 'other_installation')).toBeGreaterThan(before);
      for (const { event_id: id } of rows) expect(bed.logs.all).not.toContain(id);
    },
  );

  it.each(providers)(
    'T3k at %s ours, and lost here, is adopted under its id after a moment, and told whatever ADOPT_SINCE says',
    async (_provider, pay) => {
      const [orderId, paymentId] = [randomUUID(), randomUUID()];
      await pay({ orderId, paymentId, installationId: 'shop-production' });
      await parked(orderId);
      expect(await payments(orderId)).toEqual([]);
      await letTimePass(orderId);
      await until(async () => (await payments(orderId)).length > 0);
      expect(await payments(orderId)).toEqual([{ id: paymentId, status: 'succeeded', announced: true }]);
      const told = await bed.rows<{ channel: string }>(
        `select channel from outbox where order_id = '${orderId}' order by channel`,
      );
      expect(told.map(({ channel }) => channel)).toEqual(['orders', 'stream']);
    },
  );

  it.each(providers)(
    'T3l at %s of nobody, with an id of our kind, is quarantined after a moment, with an alert',
    async (provider, pay) => {
      const orderId = randomUUID();
      const before = await counted(provider, 'quarantined');
      await pay({ orderId, paymentId: randomUUID() });
      await parked(orderId);
      await letTimePass(orderId);
      const [row] = await until(async () => {
        const rows = (await events(orderId)).filter(({ state }) => state === 'quarantined');
        return rows.length > 0 ? rows : undefined;
      });
      expect(row?.outcome).toContain('quarantined');
      expect(bed.logs.all).toContain(`event ${row?.event_id} (${row?.type}) is quarantined`);
      expect(await counted(provider, 'quarantined')).toBeGreaterThan(before);
      expect(await payments(orderId)).toEqual([]);
    },
  );

  it.each([
    ['stripe', purchase({ metadata: { seat: '7' } })],
    ['conekta', mexicanPurchase({ metadata: { seat: '7' } })],
  ])('T3m at %s what we make carries our installation', async (provider, asked) => {
    const { paymentId } = await openSession(bed, asked);
    const { providerIds } = await readPayment(bed, paymentId);
    const marks = { seat: '7', orderId: asked.orderId, paymentId, installationId: 'shop-production' };
    const made =
      provider === 'stripe'
        ? bed.stripe.state().sessions.find(({ id }) => id === providerIds.session)
        : conekta.state().orders.find(({ id }) => id === providerIds.payment);
    expect(made?.metadata).toMatchObject(marks);
    if (provider === 'stripe') {
      const { charge } = await bed.stripe.payWithCard(providerIds.session ?? '');
      expect(charge?.metadata).toMatchObject(marks);
    }
    const stolen = await call(bed, '/payments/create-session', {
      ...asked,
      metadata: { installationId: 'shop-staging' },
    });
    expect(stolen.status).toBe(400);
  });

  it('T3n what we made before there were installations is ours by its row', async () => {
    const asked = purchase({ items: [{ name: 'Teclado', price: 19.99, quantity: 1 }] });
    const { paymentId } = await openSession(bed, asked);
    await deliver(bed, charged(asked.orderId, {}, { paymentId }));
    await until(async () => (await readPayment(bed, paymentId)).status === 'succeeded');
  });
});

describe('an event that comes twice', () => {
  let bed: AppBed;
  beforeAll(async () => {
    bed = await AppBed.start();
  });
  afterAll(() => bed.stop());

  const received = async (outcome: string): Promise<number> => {
    const text = await (await fetch(`${bed.url}/metrics`)).text();
    const line = new RegExp(`webhooks_received_total\\{provider="stripe",outcome="${outcome}"\\} (\\d+)`);
    return Number(line.exec(text)?.[1] ?? 0);
  };
  const again = (event: TestEvent, changes: Record<string, unknown>): TestEvent => ({
    id: event.id,
    body: JSON.stringify({ ...(JSON.parse(event.body) as object), ...changes }),
  });
  const others = { pending_webhooks: 3, api_version: '2024-06-20' };

  it('T13a with other pending_webhooks and api_version is the same, without an error', async () => {
    const event = stripeEvent({ pending_webhooks: 1 });
    await deliver(bed, event);
    const [duplicates, altered] = [await received('duplicate'), await received('altered')];
    for (const changes of [{ pending_webhooks: 0 }, { api_version: '2024-06-20' }, others])
      expect((await deliver(bed, again(event, changes))).status).toBe(200);
    expect([await received('duplicate'), await received('altered')]).toEqual([duplicates + 3, altered]);
    expect(bed.logs.all).not.toContain(event.id);
  });

  it.each([
    ['alike', {}, 'duplicate'],
    ['with other pending_webhooks', others, 'duplicate'],
    ['altered', { ...others, data: { object: { id: 'prod_2', object: 'product' } } }, 'altered'],
  ])('T13b is compared with the row of an older version: %s', async (_how, changes, expected) => {
    const event = stripeEvent({ pending_webhooks: 1 });
    await deliver(bed, event);
    const hash = createHash('sha256').update(event.body).digest('hex');
    await bed.rows(`update webhook_inbox set body_hash = '${hash}' where event_id = '${event.id}'`);
    const before = await received(expected);
    await deliver(bed, again(event, changes));
    expect(await received(expected)).toBe(before + 1);
    expect(bed.logs.all.includes(`sent ${event.id} again with another body`)).toBe(expected === 'altered');
  });

  it('T13c and is really altered alerts still', async () => {
    const event = stripeEvent({ pending_webhooks: 1 });
    await deliver(bed, event);
    await deliver(bed, again(event, { ...others, livemode: false, created: 1 }));
    expect(bed.logs.all).toContain(`sent ${event.id} again with another body`);
  });

  it('T13d from two endpoints of two versions, or by hand, is the same', async () => {
    bed.stripe.setWebhooks([`${bed.url}/webhooks/stripe`]);
    const session = await bed.stripe.legacySession({ orderId: randomUUID() });
    await bed.stripe.expire(session.id);
    await bed.stripe.delivery.settled();
    const altered = await received('altered');
    for (const { id } of bed.stripe.events) bed.stripe.delivery.resend(id);
    await bed.stripe.delivery.settled();
    expect(await received('altered')).toBe(altered);
    bed.stripe.setWebhooks([]);
  });
});

describe('what the inbox says of an event', () => {
  let bed: AppBed;
  let conekta: ConektaSandbox;
  beforeAll(async () => {
    ({ bed, conekta } = await startBed());
  });
  afterAll(async () => {
    await bed.stop();
    await conekta.close();
  });

  const outcomeOf = (type: string, text: string) =>
    until(async () => {
      const [row] = await bed.rows<Stored>(
        `select event_id, type, state, outcome, last_error from webhook_inbox
         where type = '${type}' and convert_from(body, 'UTF8') like '%${text}%'`,
      );
      return row !== undefined && row.outcome !== null ? row : undefined;
    });

  it('T14a of a card form that it has finished: applied', async () => {
    const { body } = await call<TokenBody>(bed, '/tokens', { provider: 'stripe' });
    const session = bed.stripe.state().sessions.find(({ metadata }) => metadata.setupId === body.setupId);
    await bed.stripe.saveCard(session?.id ?? '');
    await bed.stripe.delivery.settled();
    expect(await outcomeOf('checkout.session.completed', session?.id ?? '')).toMatchObject({
      state: 'done',
      outcome: 'applied',
    });
  });

  it('T14b of a card form that another program made: none of ours', async () => {
    const id = `cs_test_${randomUUID().replaceAll('-', '')}`;
    const object = { id, object: 'checkout.session', mode: 'setup', status: 'complete', metadata: {} };
    await deliver(bed, stripeEvent({ type: 'checkout.session.completed', data: { object } }));
    expect(await outcomeOf('checkout.session.completed', id)).toMatchObject({
      state: 'ignored',
      outcome: 'ignored: a card form that is none of ours',
    });
  });

  it('T14c of our own payment that moves nothing by it: not that it concerns no payment', async () => {
    const { paymentId } = await openSession(bed, purchase());
    const intent = { id: `pi_${randomUUID()}`, object: 'payment_intent', amount: 3_998, currency: 'usd' };
    const object = { ...intent, status: 'processing', metadata: { paymentId } };
    await deliver(bed, stripeEvent({ type: 'payment_intent.processing', data: { object } }));
    expect(await outcomeOf('payment_intent.processing', paymentId)).toMatchObject({
      state: 'ignored',
      outcome: 'says nothing that moves a payment',
    });
  });

  it('T14d of money that names no order of ours: not_ours', async () => {
    const session = await bed.stripe.openLink({ amount: 100, clientReferenceId: randomUUID() });
    await bed.stripe.payWithCard(session.id);
    await bed.stripe.delivery.settled();
    expect(await outcomeOf('checkout.session.completed', session.id)).toMatchObject({
      state: 'ignored',
      outcome: 'not_ours',
    });
  });
});

function deliver(bed: AppBed, event: TestEvent) {
  return post(`${bed.url}/webhooks/stripe`, event.body, {
    'content-type': 'application/json',
    'stripe-signature': signed(event.body, WEBHOOK_SECRET),
  });
}

/** Somebody has paid 19.99 for an order. */
function charged(orderId: string, envelope: object, marks: Record<string, string> = {}): TestEvent {
  return stripeEvent({
    ...envelope,
    type: 'charge.succeeded',
    data: {
      object: {
        id: `ch_${randomUUID().replaceAll('-', '')}`,
        object: 'charge',
        amount: 1_999,
        amount_captured: 1_999,
        captured: true,
        created: Math.floor(Date.now() / 1000),
        currency: 'usd',
        livemode: false,
        metadata: { orderId, ...marks },
        paid: true,
        payment_intent: `pi_${randomUUID().replaceAll('-', '')}`,
        status: 'succeeded',
      },
    },
  });
}
