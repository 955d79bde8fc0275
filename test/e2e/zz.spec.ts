import { expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { call, purchase, openAtProvider } from '../support/harness/calls.js';
import { eventually } from '../support/harness/eventually.js';
import { startWorld } from '../support/harness/world.js';

it('adoption', async () => {
  const world = await startWorld({});
  const orders = await world.startOrders();
  const orderId = randomUUID();
  const session = await world.stripe.legacySession({ orderId });
  await world.stripe.payWithCard(session.id);
  await world.stripe.delivery.settled();
  await eventually(() => expect(orders.of(orderId)).toHaveLength(1), 5000).catch(() => console.log('NOT'));
  console.log(JSON.stringify([await world.sql('select * from service_facts'), await world.sql('select id,status,announced,paid_at,created_at from payments'), await world.sql('select channel,state,last_error,subject,attempts,next_attempt_at, lease_until,sends,checks from outbox'), await world.sql('select type,state,outcome,last_error from webhook_inbox')], null, 1), world.service.lines.join('\n'));
  await world.stop();
}, 60000);
it('20', async () => {
  const world = await startWorld({services: 2});
  for (let i = 0; i < 4; i++) {
    const request = purchase();
    const answers = await Promise.all(Array.from({ length: 20 }, (_, k) => call(world.services[k % 2]!, '/payments/create-session', request)));
    console.log(answers.map((a) => a.status).join());
  }
  console.log(world.services.map((s) => s.lines.filter((l) => !/request|GET|POST/.test(l) || /error/i.test(l)).join('\n').slice(0, 6000)).join('\n=====\n'));
  await world.stop();
}, 60000);
it('stop', async () => {
  const world = await startWorld({});
  const { service, stripe } = world;
  stripe.faults.add({ kind: 'delay', method: 'POST', path: '/v1/checkout/sessions', delayMs: 1_500 });
  const asked = call<{ url: string }>(service, '/payments/create-session', purchase());
  await eventually(() => expect(stripe.faults.fired().delay).toBe(1));
  const t = Date.now();
  const exit = service.stop();
  const a = await asked;
  console.log(a.status, Date.now() - t);
  console.log(await exit, Date.now() - t, service.lines.slice(-15).join('\n'));
  await world.stop();
}, 60000);
