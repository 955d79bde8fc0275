import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type Stripe from 'stripe';
import { sdkFor } from '../../test/support/sandbox/stripe.sdk.js';
import { startStripeSandbox, type StripeSandbox } from './stripe.sandbox.js';

const BACK = 'https://shop.example/back';

describe('saved cards of the stand-in Stripe', () => {
  let sandbox: StripeSandbox;
  let stripe: Stripe;
  let customer: string;

  beforeEach(async () => {
    sandbox = await startStripeSandbox();
    stripe = sdkFor(sandbox, { maxNetworkRetries: 0 });
    ({ id: customer } = await stripe.customers.create({ email: 'ana@example.com' }));
  });

  afterEach(() => sandbox.close());

  const attach = (name: string) => stripe.paymentMethods.attach(name, { customer });
  const charge = (payment_method: string, changes: Partial<Stripe.PaymentIntentCreateParams> = {}) =>
    stripe.paymentIntents.create({
      amount: 19_900,
      currency: 'mxn',
      customer,
      payment_method,
      confirm: true,
      return_url: BACK,
      metadata: { paymentId: 'p1' },
      ...changes,
    });
  const types = (from = 0) => sandbox.events.slice(from).map(({ type }) => type);
  const openSetup = (changes: Partial<Stripe.Checkout.SessionCreateParams> = {}) =>
    stripe.checkout.sessions.create({
      mode: 'setup',
      ui_mode: 'embedded_page',
      currency: 'mxn',
      return_url: BACK,
      customer,
      locale: 'es',
      ...changes,
    });
  const post = async (path: string, form: Record<string, string>) => {
    const answer = await fetch(new URL(path, sandbox.url), {
      method: 'POST',
      redirect: 'manual',
      body: new URLSearchParams(form),
    });
    return { status: answer.status, location: answer.headers.get('location'), body: await answer.text() };
  };

  it('belong to one customer, and never come back once they are detached', async () => {
    const { id } = await attach('pm_card_visa');
    expect((await attach('pm_card_visa')).id).not.toBe(id);
    await stripe.customers.update(customer, { invoice_settings: { default_payment_method: id } });
    const other = await stripe.customers.create({ payment_method: 'pm_card_mastercard' });
    await expect(stripe.paymentMethods.attach(id, { customer: other.id })).rejects.toThrow(/already been/);
    await expect(charge(id, { customer: other.id })).rejects.toMatchObject({ code: 'resource_missing' });
    await expect(charge(id, { customer: undefined })).rejects.toThrow(/belongs to the Customer/);
    expect((await stripe.customers.listPaymentMethods(other.id)).data).toMatchObject([
      { card: { brand: 'mastercard', last4: '4444' } },
    ]);

    await stripe.paymentMethods.detach(id);
    await expect(attach(id)).rejects.toThrow(/may not be used again/);
    expect(await stripe.customers.retrieve(customer)).toMatchObject({
      invoice_settings: { default_payment_method: null },
    });
    expect(sandbox.events.at(-1)).toMatchObject({
      type: 'payment_method.detached',
      data: { previous_attributes: { customer } },
    });
    await expect(attach('pm_card_chargeDeclined')).rejects.toMatchObject({ statusCode: 402 });
  });

  it('pay without their owner, once where they are nobody’s, in months where a plan is chosen', async () => {
    const { id } = await attach('pm_card_visa');
    const card = {
      installments: {
        enabled: true,
        plan: { count: 6, interval: 'month' as const, type: 'fixed_count' as const },
      },
    };
    const paid = await charge(id, {
      off_session: true,
      payment_method_options: { card },
      expand: ['latest_charge'],
    });
    expect(paid).toMatchObject({
      status: 'succeeded',
      latest_charge: { payment_method_details: { card: { installments: { plan: { count: 6 } } } } },
    });
    const session = await openSetup({ customer: undefined });
    const { paymentMethod } = await sandbox.saveCard(session.id);
    const single = paymentMethod?.id ?? '';
    expect((await charge(single, { customer: undefined })).status).toBe('succeeded');
    await expect(charge(single, { customer: undefined })).rejects.toThrow(/may not be used again/);
    await expect(attach(single)).rejects.toThrow(/may not be used again/);
  });

  it('are declined with the payment intent in the error, now or from now on', async () => {
    const { id } = await attach('pm_card_chargeCustomerFail');
    await expect(charge(id)).rejects.toMatchObject({
      statusCode: 402,
      type: 'StripeCardError',
      code: 'card_declined',
      payment_intent: {
        status: 'requires_payment_method',
        metadata: { paymentId: 'p1' },
        last_payment_error: { payment_method: { id } },
        customer,
      },
    });
    const good = await attach('pm_card_visa');
    await sandbox.setCardOutcome(good.id, 'insufficient_funds');
    await expect(charge(good.id)).rejects.toMatchObject({ decline_code: 'insufficient_funds' });
    await sandbox.setCardOutcome(good.id, null);
    expect((await charge(good.id)).status).toBe('succeeded');
    const { data } = await stripe.paymentIntents.list({ customer, created: { gte: 1 } });
    expect(data.map(({ status }) => status)).toEqual([
      'succeeded',
      'requires_payment_method',
      'requires_payment_method',
    ]);
  });

  it('are asked about on a page that leads back, or declined where nobody is there to answer', async () => {
    const { id } = await attach('pm_card_authenticationRequired');
    await expect(charge(id, { off_session: true })).rejects.toMatchObject({
      statusCode: 402,
      code: 'authentication_required',
    });
    const asked = await charge(id, { capture_method: 'manual' });
    const address = asked.next_action?.redirect_to_url?.url ?? '';
    expect(asked.status).toBe('requires_action');
    const page = await fetch(address, { headers: { 'accept-language': 'es-MX,es;q=0.9' } });
    expect(await page.text()).toContain('¿eres tú?');
    const { location } = await post(address, { answer: 'approve' });
    expect(location).toMatch(
      new RegExp(`^${BACK}\\?payment_intent=${asked.id}&.*redirect_status=succeeded$`),
    );
    expect((await stripe.paymentIntents.retrieve(asked.id)).status).toBe('requires_capture');

    const refused = await charge(id);
    const no = await post(refused.next_action?.redirect_to_url?.url ?? '', { answer: 'refuse' });
    expect(no.location).toContain('redirect_status=failed');
  });

  it('are saved in a page in the language of the session, after a first one was declined', async () => {
    const session = await openSetup({
      metadata: { setupId: 'x1' },
      setup_intent_data: { metadata: { setupId: 'x1' } },
    });
    expect(session).toMatchObject({
      mode: 'setup',
      amount_total: null,
      payment_status: 'no_payment_required',
    });
    const before = sandbox.events.length;
    const page = await (await fetch(`${sandbox.url}/c/pay/${session.id}`)).text();
    expect(page).toContain('<html lang="es">');
    expect(page).toContain('Guardar tarjeta');
    const declined = await post(`/c/pay/${session.id}/save`, { number: '4000 0000 0000 0002' });
    expect(declined).toMatchObject({ status: 402 });
    expect(declined.body).toContain('Tu tarjeta fue rechazada.');
    const saved = await post(`/c/pay/${session.id}/save`, { number: '4000 0000 0000 0341', name: 'Ana' });
    expect(saved).toMatchObject({ status: 303, location: `/c/pay/${session.id}` });
    const last = await (await fetch(`${sandbox.url}/c/pay/${session.id}`)).text();
    expect(last).toContain(`data-complete="yes" data-return-url="${BACK}"`);
    expect(types(before)).toEqual([
      'setup_intent.setup_failed',
      'setup_intent.succeeded',
      'payment_method.attached',
      'checkout.session.completed',
    ]);
    const read = await stripe.checkout.sessions.retrieve(session.id, {
      expand: ['setup_intent.payment_method'],
    });
    expect(read).toMatchObject({
      status: 'complete',
      setup_intent: {
        status: 'succeeded',
        metadata: { setupId: 'x1' },
        payment_method: { customer, card: { last4: '0341' } },
      },
    });
    const { data } = await stripe.customers.listPaymentMethods(customer, { type: 'card' });
    await expect(charge(data[0]?.id ?? '')).rejects.toMatchObject({ code: 'card_declined' });
  });

  it('are charged without a question once the bank has agreed to keep them', async () => {
    const session = await openSetup();
    const { outcome } = await sandbox.saveCard(session.id, { number: '4000002500003155' });
    expect(outcome).toBe('asked');
    const { paymentMethod } = await sandbox.answerSetup(session.id, true);
    expect((await charge(paymentMethod?.id ?? '', { off_session: true })).status).toBe('succeeded');

    const setup = await stripe.setupIntents.create({
      customer,
      payment_method: 'pm_card_visa',
      confirm: true,
    });
    expect(await stripe.setupIntents.retrieve(setup.id, { expand: ['payment_method'] })).toMatchObject({
      status: 'succeeded',
      payment_method: { customer },
    });
    const expired = await openSetup();
    await stripe.checkout.sessions.expire(expired.id);
    expect(types().slice(-2)).toEqual(['setup_intent.canceled', 'checkout.session.expired']);
  });
});
