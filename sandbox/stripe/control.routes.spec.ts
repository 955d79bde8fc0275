import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { newReceiver, type Receiver } from '../../test/support/sandbox/receiver.js';
import { ORDER_ID, sdkFor, sessionParams } from '../../test/support/sandbox/stripe.sdk.js';
import { startStripeSandbox, type StripeSandbox } from './stripe.sandbox.js';

describe('the controls over HTTP', () => {
  let receiver: Receiver;
  let sandbox: StripeSandbox;

  beforeEach(async () => {
    receiver = await newReceiver('stripe-signature');
    sandbox = await startStripeSandbox();
  });

  afterEach(async () => {
    await sandbox.close();
    await receiver.close();
  });

  const call = async (path: string, body?: unknown) => {
    const answer = await fetch(`${sandbox.url}/_sandbox/${path}`, {
      ...(body !== undefined && { method: 'POST', body: JSON.stringify(body) }),
      headers: { 'content-type': 'application/json' },
    });
    const parsed: Record<string, unknown> = JSON.parse(await answer.text());
    return { status: answer.status, ...parsed };
  };
  const open = (currency: string) =>
    sdkFor(sandbox).checkout.sessions.create(sessionParams(currency, 19_900));

  it('play a card, a refund and a dispute', async () => {
    const session = await open('usd');
    const declined = await call(`sessions/${session.id}/pay`, { number: '4000000000000002' });
    expect(declined).toMatchObject({ status: 200, outcome: 'declined' });
    expect(await call(`sessions/${session.id}/pay`, {})).toMatchObject({ outcome: 'paid' });
    const charge = sandbox.state().charges.at(-1)?.id;
    expect(await call(`charges/${charge}/refund`, { amount: 100 })).toMatchObject({ amount: 100 });
    const dispute = await call(`charges/${charge}/dispute`, {});
    expect(dispute).toMatchObject({ amount: 39_700 });
    const closed = await call(`disputes/${String(Reflect.get(dispute, 'id'))}/close`, { outcome: 'lost' });
    expect(closed).toMatchObject({ status: 'lost' });
  });

  it('play a voucher, the clock and the end of a session', async () => {
    const [first, second] = [await open('mxn'), await open('mxn')];
    await call(`sessions/${first.id}/voucher`, {});
    expect(await call(`sessions/${first.id}/voucher/pay`, {})).toMatchObject({
      session: { payment_status: 'paid' },
    });
    await call('clock', { advanceSeconds: 90_000 });
    expect(await call('state')).toMatchObject({ sessions: [{ status: 'complete' }, { status: 'expired' }] });
    expect(await call(`sessions/${second.id}/pay`, {})).toMatchObject({ status: 400 });
  });

  it('save a card, make it decline, and say what becomes of who does not pay', async () => {
    const stripe = sdkFor(sandbox);
    const session = await stripe.checkout.sessions.create({
      mode: 'setup',
      currency: 'mxn',
      success_url: 'https://shop.example/ok',
    });
    const saved = await call(`sessions/${session.id}/save`, {});
    expect(saved).toMatchObject({ outcome: 'saved', setupIntent: { status: 'succeeded' } });
    const method = sandbox.state().paymentMethods[0]?.id;
    await call(`payment_methods/${method}/outcome`, { code: 'lost_card' });
    const charge = {
      amount: 5_000,
      currency: 'mxn',
      payment_method: method,
      confirm: true,
      off_session: true,
    };
    await expect(stripe.paymentIntents.create(charge)).rejects.toMatchObject({ decline_code: 'lost_card' });
    expect(await call('dunning', { afterLast: 'unpaid' })).toMatchObject({ retryDays: [3, 5, 7] });
    expect(await call('dunning', { afterLast: 'shrug' })).toMatchObject({ status: 400 });
    expect(await call('panel', { method: 'GET', path: '/v1/nothing' })).toMatchObject({ status: 404 });
  });

  it('set webhooks, switches and faults, and show what happened', async () => {
    await call('webhooks', { urls: [receiver.url], secrets: ['whsec_a'] });
    await call('delivery', { duplicate: 2, drop: { types: ['payment_intent.created'] } });
    const session = await call('sessions/legacy', { orderId: ORDER_ID });
    await call(`sessions/${String(Reflect.get(session, 'id'))}/pay`, {});
    await call('delivery/settled', {});
    expect(receiver.received).toHaveLength(6);
    const events = await call('events');
    expect(events).toMatchObject({ data: { length: 4 } });
    expect(await call('deliveries')).toMatchObject({ data: { length: 8 } });
    expect(await call('payload', { payload: 'fat' })).toMatchObject({
      status: 400,
      error: { message: 'payload must be one of snapshot, thin, both' },
    });
    await call('payload', { payload: 'thin' });
    const next = await call('sessions/legacy', { orderId: ORDER_ID });
    await call(`sessions/${String(Reflect.get(next, 'id'))}/pay`, {});
    await call('delivery/settled', {});
    expect(receiver.received.at(-1)).toMatchObject({ type: 'v1.checkout.session.completed' });
    await call('faults', { kind: 'status', status: 503, count: 3 });
    expect(await call('faults')).toMatchObject({ armed: [{ left: 3 }], hanging: 0 });
    await call('faults/clear', {});
    expect(await call('faults')).toMatchObject({ armed: [] });
    expect(await call('health')).toMatchObject({ ok: true });
  });

  it('name what is wrong with a request', async () => {
    expect(await call('clock', { advanceSeconds: 'soon' })).toMatchObject({
      status: 400,
      error: { message: 'advanceSeconds must be an integer' },
    });
    expect(await call('faults', { kind: 'earthquake' })).toMatchObject({ status: 400 });
    expect(await call('sessions/cs_none/pay', {})).toMatchObject({ status: 404 });
    expect(await call('delivery', [])).toMatchObject({ status: 400 });
  });
});
