import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createSign, generateKeyPairSync, randomBytes } from 'node:crypto';
import { EVENT_TYPES } from '../../sandbox/conekta/event.types.js';
import { mexicanPurchase, openAtProvider, readPayment } from '../support/harness/calls.js';
import { eventually } from '../support/harness/eventually.js';
import type { LocalService } from '../support/harness/service.local.js';
import type { StreamReader } from '../support/harness/stream.reader.js';
import { startWorld, type World } from '../support/harness/world.js';

describe("Conekta's webhooks", () => {
  let world: World;
  let service: LocalService;
  let stream: StreamReader;

  beforeAll(async () => {
    world = await startWorld({ services: 0, conekta: true });
    service = await world.startLocalService();
    stream = await world.openStream();
  }, 120_000);
  afterAll(() => world?.stop());

  const post = (body: string, headers: Record<string, string>) =>
    fetch(`${service.url}/webhooks/conekta`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body,
    });
  const signed = (body: string) => post(body, { digest: world.conekta.sign(body) });
  const envelope = (type: string, object: object = {}) =>
    JSON.stringify({
      id: randomBytes(12).toString('hex'),
      object: 'event',
      type,
      livemode: false,
      created_at: Math.floor(Date.now() / 1000),
      webhook_status: 'pending',
      webhook_logs: [],
      data: { object, previous_attributes: {} },
    });
  const stored = async (): Promise<number> => {
    const [row] = await world.sql<{ n: number }>('select count(*)::int as n from webhook_inbox');
    return row?.n ?? 0;
  };

  async function paid(): Promise<{ orderId: string; paymentId: string; sessionId: string }> {
    const request = mexicanPurchase();
    const { paymentId, sessionId } = await openAtProvider(service, request);
    await world.conekta.payWithCard(sessionId);
    await world.conekta.delivery.settled();
    await eventually(async () => {
      expect(await world.waitingEvents()).toEqual([]);
      expect(await readPayment(service, paymentId)).toMatchObject({ status: 'succeeded' });
    });
    return { orderId: request.orderId, paymentId, sessionId };
  }

  it('are answered 200, ping and all', async () => {
    expect((await signed(envelope('webhook_ping'))).status).toBe(200);
    const ping = world.conekta.emit('webhook_ping');
    await world.conekta.delivery.settled();
    const deliveries = world.conekta.delivery.log.filter(({ messageId }) => messageId === ping.id);
    expect(deliveries.map(({ status }) => status)).toEqual([200]);
  });

  it('are taken under every name that Conekta has, and move nothing that they do not prove', async () => {
    expect(EVENT_TYPES).toHaveLength(67);
    const before = (await stream.all()).length;
    for (const type of EVENT_TYPES) expect((await signed(envelope(type))).status).toBe(200);
    await eventually(async () => expect(await world.waitingEvents()).toEqual([]));
    const rows = await world.sql<{ state: string }>(`select distinct state from webhook_inbox`);
    expect(rows.map(({ state }) => state)).not.toContain('dead');
    expect(await stream.all()).toHaveLength(before);
  });

  it('with a forged signature are refused, whatever is forged, and nothing is stored', async () => {
    const body = envelope('order.paid', { object: 'order', id: 'ord_1' });
    const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const foreign = createSign('RSA-SHA256').update(body).sign(stranger.privateKey, 'base64');
    const digest = world.conekta.sign(body);
    const before = await stored();
    const attempts: [string, Record<string, string>][] = [
      [body, {}],
      [body, { digest: '' }],
      [body, { digest: 'not base64!' }],
      [body, { digest: foreign }],
      [body, { digest: `${digest}, ${digest}` }],
      [body.replace('ord_1', 'ord_2'), { digest }],
      [` ${body}`, { digest }],
      [body, { digest: world.conekta.sign(`${body} `) }],
      [body, { digest: createSign('RSA-SHA1').update(body).sign(stranger.privateKey, 'base64') }],
      [body, { digest, 'content-encoding': 'gzip' }],
    ];
    const statuses = [];
    for (const [text, headers] of attempts) statuses.push((await post(text, headers)).status);
    expect(statuses).toEqual([400, 400, 400, 400, 400, 400, 400, 400, 400, 415]);
    expect(await stored()).toBe(before);
    expect((await post(body, { digest })).status).toBe(200);
  });

  it('that claim a payment which Conekta does not confirm change nothing', async () => {
    const request = mexicanPurchase();
    const { paymentId, sessionId } = await openAtProvider(service, request);
    const order = world.conekta.state().orders.find(({ checkout }) => checkout?.id === sessionId);
    const claimed = { ...order, payment_status: 'paid', charges: { object: 'list', data: [] } };
    expect((await signed(envelope('order.paid', claimed))).status).toBe(200);
    await eventually(async () => expect(await world.waitingEvents()).toEqual([]));
    expect(await readPayment(service, paymentId)).toMatchObject({ status: 'created', amountCaptured: 0 });
  });

  it('replayed, as they were or from before a refund, have no effect', async () => {
    const { orderId, paymentId, sessionId } = await paid();
    await world.conekta.refund(sessionId);
    await world.conekta.delivery.settled();
    await eventually(async () => {
      expect(await readPayment(service, paymentId)).toMatchObject({ status: 'refunded' });
    });
    const types = ['payment.created', 'payment.succeeded', 'refund.created', 'refund.succeeded'];
    await eventually(async () => expect(await stream.typesOf(orderId)).toEqual(types));
    const before = await stored();
    for (const event of world.conekta.events) world.conekta.delivery.resend(event.id);
    await world.conekta.delivery.settled();
    await eventually(async () => expect(await world.waitingEvents()).toEqual([]));
    expect(await stored()).toBe(before);
    expect(await stream.typesOf(orderId)).toEqual(types);
  });

  it('that come again with another count of attempts are the same event, and no alarm', async () => {
    const { paymentId } = await paid();
    const event = JSON.parse(envelope('order.updated', { object: 'order', id: 'ord_x' })) as Record<
      string,
      unknown
    >;
    const again = { ...event, webhook_status: 'failed', webhook_logs: [{ failed_attempts: 3 }] };
    expect((await signed(JSON.stringify(event))).status).toBe(200);
    expect((await signed(JSON.stringify(again))).status).toBe(200);
    const changed = { ...event, data: { object: { object: 'order', id: 'ord_y' } } };
    expect((await signed(JSON.stringify(changed))).status).toBe(200);
    const metrics = await (await fetch(`${service.url}/metrics`)).text();
    const altered = /webhooks_received_total\{[^}]*provider="conekta"[^}]*outcome="altered"[^}]*\} (\d+)/;
    expect(altered.exec(metrics)?.[1]).toBe('1');
    expect(await readPayment(service, paymentId)).toMatchObject({ status: 'succeeded' });
  });

  it('of another mode are kept aside', async () => {
    const body = envelope('order.paid', { object: 'order', id: 'ord_live' }).replace(
      '"livemode":false',
      '"livemode":true',
    );
    const { id } = JSON.parse(body) as { id: string };
    expect((await signed(body)).status).toBe(200);
    const [row] = await world.sql<{ state: string }>('select state from webhook_inbox where event_id = $1', [
      id,
    ]);
    expect(row?.state).toBe('quarantined');
  });
});

describe('a key of Conekta that is rotated', () => {
  it('is good beside the old one while both are configured, and the old one ends with its entry', async () => {
    const world = await startWorld({ services: 0, conekta: true });
    try {
      const old = world.conekta.publicKeyPem;
      const body = JSON.stringify({
        id: 'a'.repeat(24),
        object: 'event',
        type: 'webhook_ping',
        livemode: false,
      });
      const oldDigest = world.conekta.sign(body);
      world.conekta.rotateKey();
      const fresh = world.conekta.publicKeyPem;
      const newDigest = world.conekta.sign(body);
      const statuses = async (keys: string) => {
        const service = await world.startLocalService({ CONEKTA_WEBHOOK_PUBLIC_KEYS: keys });
        const answers = [];
        for (const digest of [oldDigest, newDigest]) {
          const headers = { 'content-type': 'application/json', digest };
          const answer = await fetch(`${service.url}/webhooks/conekta`, { method: 'POST', headers, body });
          answers.push(answer.status);
        }
        await service.stop();
        return answers;
      };
      expect(await statuses(`${old}\n${fresh}`)).toEqual([200, 200]);
      expect(await statuses(fresh.replaceAll('\n', '\\n'))).toEqual([400, 200]);
    } finally {
      await world.stop();
    }
  }, 120_000);
});
