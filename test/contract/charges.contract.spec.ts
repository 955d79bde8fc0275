import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { ChargeResult } from '../../src/providers/payment.ports.js';
import { known } from '../support/stripe/adapter.bed.js';
import { BillingBench, DAY_S } from './billing.bench.js';
import { STAGES } from './provider.stage.js';

/** What every adapter owes the service of charges without a checkout, whichever provider is behind it. */
describe.each(STAGES)('the adapter of %s charges', (name) => {
  let bench: BillingBench;
  beforeEach(async () => {
    bench = await BillingBench.open(name);
  });
  afterEach(() => bench.close());

  const endOf = ({ facts }: ChargeResult) => facts.at(-1);

  it('by a token and by a saved card, and finds what it charged', async () => {
    const { stage, charges } = bench;
    const { providerCustomerId, defaultCardId = '' } = await bench.customer();
    const saved = { card: { kind: 'saved', providerSourceId: defaultCardId }, providerCustomerId } as const;
    for (const changes of [{}, { ...saved, customer: undefined, buyerPresent: false }]) {
      const input = await bench.chargeInput(changes);
      const call = bench.recorded(charges.request(input));
      const sent = known(await charges.send(call));
      const { paymentId, orderId, money } = input;
      expect(endOf(sent)).toMatchObject({
        kind: 'payment',
        name: 'succeeded',
        money,
        method: { type: 'card', last4: '4242' },
        ref: { provider: name, paymentId, orderId, providerPaymentId: expect.any(String) },
      });
      expect(sent).toMatchObject({ livemode: false });
      expect([sent.continueAt, sent.buyerMessage]).toEqual([undefined, undefined]);
      const found = await charges.find({ ...call, sentBefore: stage.clock.now() });
      expect(found && endOf(found)).toEqual(endOf(sent));
    }
    expect(stage.made().paidCharges).toBe(2);
    const held = known(
      await charges.send(bench.recorded(charges.request(await bench.chargeInput({ capture: 'manual' })))),
    );
    expect(endOf(held)).toMatchObject({ name: 'authorized' });
  });

  it('and tells a decline as a result, with words for the buyer', async () => {
    const { stage, charges } = bench;
    // Each in the buyer's language.
    const messages = [];
    for (const locale of ['es', 'en']) {
      const token = await stage.token('declines');
      const input = await bench.chargeInput({ card: { kind: 'token', token }, locale });
      const call = bench.recorded(charges.request(input));
      const result = known(await charges.send(call));
      const { paymentId } = input;
      expect(result.facts).toMatchObject([
        { name: 'attempt_failed', ref: { paymentId }, reason: expect.any(String) },
        { name: 'failed', ref: { paymentId }, reason: expect.any(String) },
      ]);
      expect(result.continueAt).toBeUndefined();
      messages.push(result.buyerMessage);
      const found = await charges.find({ ...call, sentBefore: stage.clock.now() });
      expect(found?.facts.map((fact) => fact.name)).toEqual(['attempt_failed', 'failed']);
      expect(found?.facts[0]?.attemptId).toBe(result.facts[0]?.attemptId);
    }
    expect(messages).toEqual([expect.any(String), expect.any(String)]);
    expect(new Set(messages).size).toBe(2);
    expect(stage.made().paidCharges).toBe(0);
  });

  it.each([true, false])('and leads the buyer to the bank, whose answer counts: %s', async (approves) => {
    const { stage, charges } = bench;
    const token = await stage.token('asks');
    const call = bench.recorded(charges.request(await bench.chargeInput({ card: { kind: 'token', token } })));
    const asked = known(await charges.send(call));
    expect(URL.canParse(asked.continueAt ?? '')).toBe(true);
    const { providerPaymentId = '' } = endOf(asked)?.ref ?? {};
    expect(asked.facts.map((fact) => fact.name)).not.toContain('succeeded');
    await stage.answerBank(providerPaymentId, approves);
    const found = await charges.find({ ...call, sentBefore: stage.clock.now() });
    expect(found && endOf(found)).toMatchObject({ name: approves ? 'succeeded' : 'failed' });
    expect(found?.continueAt).toBeUndefined();
    expect(stage.made().paidCharges).toBe(approves ? 1 : 0);
  });

  it('and closes one whose buyer stays away, but none that is paid', async () => {
    const { stage, charges } = bench;
    const waiting = async () => {
      const token = await stage.token('asks');
      const call = bench.recorded(
        charges.request(await bench.chargeInput({ card: { kind: 'token', token } })),
      );
      const { providerPaymentId = '' } = endOf(known(await charges.send(call)))?.ref ?? {};
      return { call, providerPaymentId };
    };
    const left = await waiting();
    for (let times = 0; times < 2; times += 1) {
      const closing = bench.recorded({});
      expect(known(await charges.close(closing, left.providerPaymentId))).toEqual({ paid: false });
    }
    const found = await charges.find({ ...left.call, sentBefore: stage.clock.now() });
    expect(found && endOf(found)).toMatchObject({ name: 'canceled' });
    const paid = await waiting();
    await stage.answerBank(paid.providerPaymentId, true);
    expect(known(await charges.close(bench.recorded({}), paid.providerPaymentId))).toEqual({ paid: true });
    expect(stage.made().paidCharges).toBe(1);
  });

  it('once: a lost one is found, and one that never was is not', async () => {
    const { stage, charges } = bench;
    const call = bench.recorded(charges.request(await bench.chargeInput()));
    await bench.losing(stage.paths.charge, async () => {
      expect(await charges.send(call)).toMatchObject({ known: false });
    });
    const sentBefore = stage.clock.now();
    await stage.advance(2 * DAY_S);
    const found = await charges.find({ ...call, sentBefore });
    expect(found && endOf(found)).toMatchObject({ name: 'succeeded' });
    expect(stage.made().paidCharges).toBe(1);
    const lost = bench.recorded(charges.request(await bench.chargeInput()));
    stage.faults.add({ kind: 'reset_before', method: 'POST', path: stage.paths.charge, count: 0 });
    expect(await charges.send(lost)).toMatchObject({ known: false });
    expect(await charges.find({ ...lost, sentBefore: stage.clock.now() })).toBeUndefined();
  });

  it('no token twice', async () => {
    const { stage, charges } = bench;
    const card = { kind: 'token', token: await stage.token('pays') } as const;
    const send = async () =>
      known(await charges.send(bench.recorded(charges.request(await bench.chargeInput({ card })))));
    await send();
    await expect(send()).rejects.toMatchObject({ kind: 'card_unusable' });
    expect(stage.made().paidCharges).toBe(1);
  });
});
