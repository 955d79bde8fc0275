import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createPublicKey, verify } from 'node:crypto';
import { newReceiver, type Receipt, type Receiver } from '../../test/support/sandbox/receiver.js';
import { ApiCaller, problemsOf, startSandbox } from '../../test/support/sandbox/conekta.caller.js';
import type { ConektaSandbox } from './conekta.sandbox.js';
import type { ConektaEvent } from './conekta.types.js';
import { EVENT_TYPES } from './event.types.js';

const PAID = ['order.created', 'charge.created', 'charge.paid', 'order.paid'];

describe('webhooks of the stand-in Conekta', () => {
  let receiver: Receiver;
  let sandbox: ConektaSandbox;
  let api: ApiCaller;

  beforeEach(async () => {
    receiver = await newReceiver('digest');
    sandbox = await startSandbox({ webhookUrls: [receiver.url] });
    api = new ApiCaller(sandbox);
  });

  afterEach(async () => {
    await sandbox.close();
    await receiver.close();
  });

  const pay = async (): Promise<void> => {
    const { id } = await api.order();
    await sandbox.payWithCard(id);
    await sandbox.delivery.settled();
  };
  const types = () => receiver.received.map(({ type }) => type);
  const eventIn = ({ body }: Receipt): ConektaEvent => JSON.parse(body);
  const isSignedBy = (pem: string, { body, signature }: Receipt): boolean =>
    verify('sha256', Buffer.from(body), createPublicKey(pem), Buffer.from(signature, 'base64'));

  it('are signed over their bytes by the key that everybody can read', async () => {
    await pay();
    expect(types()).toEqual(PAID);
    expect(receiver.received.every((receipt) => isSignedBy(sandbox.publicKeyPem, receipt))).toBe(true);
    const [first] = receiver.received;
    if (!first) throw new Error('nothing came');
    expect(isSignedBy(sandbox.publicKeyPem, { ...first, body: first.body.replace('order', 'ordes') })).toBe(
      false,
    );
    expect(sandbox.sign(first.body)).toBe(first.signature);
    expect((await api.get('/webhook_keys')).body).toMatchObject({
      data: [{ public_key: sandbox.publicKeyPem }],
    });
  });

  it('come in the envelope', async () => {
    await pay();
    const paid = receiver.received.map(eventIn).find(({ type }) => type === 'order.paid');
    expect(paid).toMatchObject({
      object: 'event',
      livemode: false,
      webhook_status: 'pending',
      webhook_logs: [{ object: 'webhook_log', failed_attempts: 0, last_http_response_status: -1 }],
      data: {
        object: { object: 'order', payment_status: 'paid' },
        previous_attributes: { payment_status: null },
      },
    });
  });

  it('are tried again after everything but 200, each time in other bytes', async () => {
    receiver.answers.push(201, 500);
    sandbox.emit('order.updated', { id: 'ord_1' });
    await sandbox.delivery.settled();
    expect(sandbox.delivery.log.map(({ outcome, status }) => [outcome, status])).toEqual([
      ['retrying', 201],
      ['retrying', 500],
      ['delivered', 200],
    ]);
    const bodies = receiver.received.map(({ body }) => body);
    expect(new Set(bodies).size).toBe(3);
    expect(new Set(receiver.received.map(({ id }) => id)).size).toBe(1);
    expect(receiver.received.every((receipt) => isSignedBy(sandbox.publicKeyPem, receipt))).toBe(true);
    const logs = receiver.received.map((receipt) => eventIn(receipt).webhook_logs[0]);
    expect(logs.map((log) => [log?.failed_attempts, log?.last_http_response_status])).toEqual([
      [0, -1],
      [1, 201],
      [2, 500],
    ]);
    const { body } = await api.get(`/events/${receiver.received[0]?.id}`);
    expect(body).toMatchObject({
      webhook_status: 'successful',
      webhook_logs: [{ last_http_response_status: 200 }],
    });
  });

  it('can be sent again, in other bytes, to the webhooks that are named', async () => {
    await pay();
    const paid = receiver.received.at(-1);
    const [webhook] = sandbox.state().webhooks;
    const answer = await api.post(`/events/${paid?.id}/resend`, { webhooks_ids: [webhook?.id] });
    expect(answer).toMatchObject({ status: 200, body: { url: receiver.url, failed_attempts: 0 } });
    await sandbox.delivery.settled();
    expect(types()).toEqual([...PAID, 'order.paid']);
    expect(receiver.received.at(-1)?.id).toBe(paid?.id);
    expect(receiver.received.at(-1)?.body).not.toBe(paid?.body);
    expect(await api.post(`/events/${paid?.id}/resend`, { webhooks_ids: ['none'] })).toMatchObject({
      status: 404,
    });
    expect((await api.get('/events?limit=1')).body).toMatchObject({
      has_more: true,
      data: [{ id: paid?.id }],
    });
  });

  it('are signed by the newest active key', async () => {
    const first = sandbox.publicKeyPem;
    const made = await api.post('/webhook_keys');
    const second = String(made.body['public_key']);
    const signer = async (): Promise<string[]> => {
      sandbox.emit('order.updated', { id: 'ord_1' });
      await sandbox.delivery.settled();
      const receipt = receiver.received.at(-1);
      return [first, second].filter((pem) => receipt?.signature && isSignedBy(pem, receipt));
    };
    expect(second).toMatch(/^-----BEGIN PUBLIC KEY-----/);
    expect(await signer()).toEqual([second]);
    await api.call('PUT', `/webhook_keys/${String(made.body['id'])}`, { active: false });
    expect(await signer()).toEqual([first]);
    await api.call('PUT', `/webhook_keys/${String(made.body['id'])}`, { active: true });
    expect(await signer()).toEqual([second]);
    expect(await api.call('DELETE', `/webhook_keys/${String(made.body['id'])}`)).toMatchObject({
      body: { deleted: true, active: false },
    });
    expect(await signer()).toEqual([first]);
    await api.call('DELETE', `/webhook_keys/${sandbox.keys[0]?.id}`);
    expect(await signer()).toEqual([]);
    expect(receiver.received.at(-1)?.headers).not.toHaveProperty('digest');
  });

  it('go by a rotated key, with or without the old one', async () => {
    const first = sandbox.publicKeyPem;
    sandbox.rotateKey({ keepOld: true });
    expect(sandbox.keys.map(({ active }) => active)).toEqual([true, true]);
    sandbox.rotateKey();
    expect(sandbox.keys.map(({ active }) => active)).toEqual([false, false, true]);
    expect(sandbox.publicKeyPem).not.toBe(first);
  });

  it('go to those who subscribed, and a ping to its own alone', async () => {
    const other = await newReceiver('digest');
    try {
      sandbox.setWebhooks([receiver.url, other.url]);
      const [, second] = sandbox.state().webhooks;
      const webhook = `/webhooks/${second?.id}`;
      await api.call('PUT', webhook, { subscribed_events: ['order.paid'] });
      await pay();
      expect(other.received.map(({ type }) => type)).toEqual(['order.paid']);
      await api.post(`${webhook}/test`);
      await sandbox.delivery.settled();
      const ping = other.received.at(-1);
      expect(ping && eventIn(ping)).toMatchObject({ type: 'webhook_ping', data: { action: 'ping' } });
      expect(ping && eventIn(ping).data).not.toHaveProperty('object');
      expect(types()).not.toContain('webhook_ping');
    } finally {
      await other.close();
    }
  });

  it('can be of any type, with any object', async () => {
    for (const type of EVENT_TYPES) sandbox.emit(type, { id: `of ${type}` });
    sandbox.emit('order.invented', {}, { livemode: true });
    await sandbox.delivery.settled();
    expect(types()).toEqual([...EVENT_TYPES]);
    expect(EVENT_TYPES).toHaveLength(67);
    expect(sandbox.events.at(-1)).toMatchObject({ type: 'order.invented', livemode: true });
  });

  it('are registered up to ten, and not on this machine', async () => {
    const register = (url: string) => api.post('/webhooks', { url });
    expect(problemsOf(await register('http://localhost:3003/x'))).toMatchObject([{ code: 'local_address' }]);
    expect(problemsOf(await register('nowhere'))).toMatchObject([{ code: 'not_url' }]);
    sandbox.setWebhooks([]);
    for (let count = 1; count <= 10; count += 1) {
      expect(await register(`https://shop.example/${count}`)).toMatchObject({ status: 200 });
    }
    expect(await register('https://shop.example/11')).toMatchObject({ status: 428 });
    expect((await api.get('/webhooks?limit=3')).body).toMatchObject({ has_more: true });
    sandbox.setWebhooks([]);
  });

  it('may be registered on this machine where the sandbox is told so', async () => {
    const lenient = await startSandbox({ refuseLocalWebhooks: false });
    try {
      const caller = new ApiCaller(lenient);
      const made = await caller.post('/webhooks', {
        url: receiver.url,
        subscribed_events: ['order.created'],
      });
      await caller.order();
      await lenient.delivery.settled();
      expect(types()).toEqual(['order.created']);
      await caller.call('DELETE', `/webhooks/${String(made.body['id'])}`);
      await caller.order();
      await lenient.delivery.settled();
      expect(types()).toEqual(['order.created']);
    } finally {
      await lenient.close();
    }
  });
});
