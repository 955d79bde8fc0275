import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type Stripe from 'stripe';
import { sdkFor, sessionParams } from '../../test/support/sandbox/stripe.sdk.js';
import { startStripeSandbox, type StripeSandbox } from './stripe.sandbox.js';

const PATH = '/v1/checkout/sessions';
const GOOD: Record<string, string> = {
  mode: 'payment',
  success_url: 'https://shop.example/ok',
  'line_items[0][quantity]': '1',
  'line_items[0][price_data][currency]': 'usd',
  'line_items[0][price_data][unit_amount]': '1999',
  'line_items[0][price_data][product_data][name]': 'Teclado',
};

describe('the API of the stand-in Stripe', () => {
  let sandbox: StripeSandbox;
  let stripe: Stripe;

  beforeEach(async () => {
    sandbox = await startStripeSandbox();
    stripe = sdkFor(sandbox, { maxNetworkRetries: 0 });
  });

  afterEach(() => sandbox.close());

  const post = async (form: Record<string, string>, headers: Record<string, string> = {}, path = PATH) => {
    const answer = await fetch(`${sandbox.url}${path}`, {
      method: 'POST',
      headers: {
        authorization: 'Bearer sk_test_sandbox',
        'content-type': 'application/x-www-form-urlencoded',
        ...headers,
      },
      body: new URLSearchParams(form).toString(),
    });
    const body: { id?: string; error?: Record<string, string> } = JSON.parse(await answer.text());
    return { http: answer.status, headers: answer.headers, ...body };
  };

  const without = (...names: string[]): Record<string, string> =>
    Object.fromEntries(Object.entries(GOOD).filter(([name]) => !names.includes(name)));

  it.each([
    ['an unknown parameter', { ...GOOD, foo: '1' }, 'foo', 'parameter_unknown'],
    [
      'a nested unknown parameter',
      { ...GOOD, 'line_items[0][prise]': 'x' },
      'line_items[0][prise]',
      'parameter_unknown',
    ],
    [
      'the removed payment_method_types',
      { ...GOOD, 'payment_method_types[0]': 'card' },
      'payment_method_types',
      'parameter_unknown',
    ],
    ['a ui_mode of older versions', { ...GOOD, ui_mode: 'hosted' }, 'ui_mode', undefined],
    ['a missing success_url', without('success_url'), 'success_url', 'parameter_missing'],
    [
      'missing line items',
      { mode: 'payment', success_url: 'https://a.example' },
      'line_items',
      'parameter_missing',
    ],
    ['a success_url that is none', { ...GOOD, success_url: 'nowhere' }, 'success_url', 'url_invalid'],
    ['a cancel_url of a script', { ...GOOD, cancel_url: 'javascript:alert(1)' }, 'cancel_url', 'url_invalid'],
    [
      'less than 50 US cents',
      { ...GOOD, 'line_items[0][price_data][unit_amount]': '49' },
      'line_items',
      'amount_too_small',
    ],
    [
      'less than 10 pesos',
      {
        ...GOOD,
        'line_items[0][price_data][currency]': 'mxn',
        'line_items[0][price_data][unit_amount]': '999',
      },
      'line_items',
      'amount_too_small',
    ],
    [
      'more than twelve digits',
      { ...GOOD, 'line_items[0][quantity]': '999999999999' },
      'line_items',
      'amount_too_large',
    ],
    [
      'dinars with a third decimal',
      { ...GOOD, 'line_items[0][price_data][currency]': 'kwd' },
      'line_items',
      undefined,
    ],
    [
      'an unknown currency',
      { ...GOOD, 'line_items[0][price_data][currency]': 'xxx' },
      'line_items[0][price_data][currency]',
      undefined,
    ],
    [
      'an amount with decimals',
      { ...GOOD, 'line_items[0][price_data][unit_amount]': '19.99' },
      'line_items[0][price_data][unit_amount]',
      'parameter_invalid_integer',
    ],
    ['an end in five minutes', { ...GOOD, expires_at: String(nowPlus(300)) }, 'expires_at', undefined],
    ['an end in two days', { ...GOOD, expires_at: String(nowPlus(172_800)) }, 'expires_at', undefined],
    [
      'OXXO for dollars',
      { ...GOOD, 'allowed_payment_method_types[0]': 'oxxo' },
      'allowed_payment_method_types',
      undefined,
    ],
    [
      'OXXO above 10,000 pesos',
      {
        ...GOOD,
        'allowed_payment_method_types[0]': 'oxxo',
        'line_items[0][price_data][currency]': 'mxn',
        'line_items[0][price_data][unit_amount]': '1000001',
      },
      'line_items',
      'amount_too_large',
    ],
    [
      'SPEI without a customer',
      {
        ...GOOD,
        'allowed_payment_method_types[0]': 'customer_balance',
        'line_items[0][price_data][currency]': 'mxn',
      },
      'customer',
      'parameter_missing',
    ],
    ['a customer that is not there', { ...GOOD, customer: 'cus_none' }, 'customer', 'resource_missing'],
    [
      'an empty value',
      { ...GOOD, client_reference_id: '' },
      'client_reference_id',
      'parameter_invalid_empty',
    ],
    [
      'a metadata key of 41 characters',
      { ...GOOD, [`metadata[${'k'.repeat(41)}]`]: 'v' },
      `metadata[${'k'.repeat(41)}]`,
      undefined,
    ],
    [
      'a metadata value of 501 characters',
      { ...GOOD, 'metadata[k]': 'v'.repeat(501) },
      'metadata[k]',
      undefined,
    ],
    ['a property that cannot be expanded', { ...GOOD, 'expand[0]': 'nothing' }, 'expand', undefined],
  ])('refuses %s by name', async (_what, form, param, code) => {
    const { http, headers, error } = await post(form);
    expect(http).toBe(400);
    expect(error).toMatchObject({ type: 'invalid_request_error', param });
    expect(error?.['code']).toBe(code);
    expect(headers.get('request-id')).toMatch(/^req_/);
  });

  it('refuses the 101st line and the 51st metadata key, and takes the one before', async () => {
    const lines = (count: number) =>
      Array.from({ length: count }, () => ({
        quantity: 1,
        price_data: { currency: 'usd', unit_amount: 100, product_data: { name: 'x' } },
      }));
    const keys = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, 'v']));
    const create = (count: number, pairs: number) =>
      stripe.checkout.sessions.create({
        ...sessionParams(),
        line_items: lines(count),
        metadata: keys(pairs),
      });
    expect((await create(100, 50)).amount_total).toBe(10_000);
    await expect(create(101, 1)).rejects.toMatchObject({ statusCode: 400, param: 'line_items' });
    await expect(create(1, 51)).rejects.toMatchObject({ statusCode: 400, param: 'metadata' });
  });

  it('keeps a metadata key named __proto__ as a key like any other', async () => {
    const { id } = await post({ ...GOOD, 'metadata[__proto__]': 'x' });
    const answer = await fetch(`${sandbox.url}${PATH}/${id}`, {
      headers: { authorization: 'Bearer sk_test_sandbox' },
    });
    expect(await answer.text()).toContain('"__proto__": "x"');
  });

  it('answers 401 without the key, and 404 for what is not there', async () => {
    expect(await post(GOOD, { authorization: '' })).toMatchObject({
      http: 401,
      error: { type: 'invalid_request_error' },
    });
    expect((await post(GOOD, { authorization: 'Bearer sk_test_wrong_secret' })).error?.['message']).toBe(
      'Invalid API Key provided: sk_test****',
    );
    await expect(stripe.checkout.sessions.retrieve('cs_none')).rejects.toMatchObject({
      statusCode: 404,
      code: 'resource_missing',
    });
    expect(await post({}, {}, '/v1/nothing')).toMatchObject({
      http: 404,
      error: { type: 'invalid_request_error' },
    });
  });

  it('echoes the version that was asked for', async () => {
    const { headers } = await post(GOOD, { 'stripe-version': '2025-01-01.acacia' });
    expect(headers.get('stripe-version')).toBe('2025-01-01.acacia');
  });

  it('replays the answer under a key, and refuses other parameters', async () => {
    const key = { 'idempotency-key': 'order-1' };
    const first = await post(GOOD, key);
    const again = await post(Object.fromEntries(Object.entries(GOOD).reverse()), key);
    expect(again.id).toBe(first.id);
    expect(first.headers.get('idempotent-replayed')).toBeNull();
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(await post({ ...GOOD, locale: 'es' }, key)).toMatchObject({
      http: 400,
      error: { type: 'idempotency_error' },
    });
    expect(sandbox.state().sessions).toHaveLength(1);
  });

  it('does not keep what failed its checks under the key, and forgets keys after a day', async () => {
    const key = { 'idempotency-key': 'order-2' };
    expect((await post({ ...GOOD, foo: '1' }, key)).http).toBe(400);
    const first = await post(GOOD, key);
    expect(first.http).toBe(200);
    await sandbox.advance(86_401);
    expect((await post(GOOD, key)).id).not.toBe(first.id);
  });

  it('answers 409 while the first request with the key is under way', async () => {
    sandbox.faults.add({ kind: 'delay', delayMs: 300 });
    const key = { 'idempotency-key': 'order-3' };
    const answers = await Promise.all([post(GOOD, key), post(GOOD, key)]);
    const statuses = answers.map(({ http }) => http).sort();
    expect(statuses).toEqual([200, 409]);
    expect(answers.find(({ http }) => http === 409)?.error?.['code']).toBe('idempotency_key_in_use');
  });

  it('lists newest first, in pages, from a time on', async () => {
    const ids: string[] = [];
    for (let n = 0; n < 5; n += 1) ids.unshift((await stripe.checkout.sessions.create(sessionParams())).id);
    const first = await stripe.checkout.sessions.list({ limit: 2 });
    expect(first.data.map(({ id }) => id)).toEqual(ids.slice(0, 2));
    expect(first.has_more).toBe(true);
    const rest = await stripe.checkout.sessions.list({ limit: 100, starting_after: ids[1] });
    expect(rest.data.map(({ id }) => id)).toEqual(ids.slice(2));
    expect(rest.has_more).toBe(false);
    const all: string[] = [];
    for await (const session of stripe.checkout.sessions.list({ limit: 2 })) all.push(session.id);
    expect(all).toEqual(ids);
    const later = await stripe.checkout.sessions.list({ created: { gte: sandbox.state().now + 1 } });
    expect(later.data).toEqual([]);
  });

  it('finds the session of a payment intent, and payment intents by metadata', async () => {
    await stripe.checkout.sessions.create(sessionParams());
    const session = await stripe.checkout.sessions.create({
      ...sessionParams(),
      payment_intent_data: { metadata: { paymentId: 'p-1' } },
    });
    const { paymentIntent } = await sandbox.payWithCard(session.id);
    const listed = await stripe.checkout.sessions.list({ payment_intent: paymentIntent?.id });
    expect(listed.data.map(({ id }) => id)).toEqual([session.id]);
    const search = (query: string) => stripe.paymentIntents.search({ query });
    expect((await search("metadata['paymentId']:'p-1' AND status:'succeeded'")).data).toHaveLength(1);
    expect((await search("metadata['paymentId']:'p-2'")).data).toEqual([]);
    await expect(search('what?')).rejects.toMatchObject({ param: 'query' });
  });

  it('lists events by type and by delivery', async () => {
    sandbox.setWebhooks(['http://127.0.0.1:9/webhooks']);
    sandbox.delivery.set({ drop: { types: ['charge.succeeded'] }, paused: true });
    const session = await stripe.checkout.sessions.create(sessionParams());
    await sandbox.payWithCard(session.id);
    const charges = await stripe.events.list({ types: ['charge.succeeded', 'charge.failed'] });
    expect(charges.data.map(({ type }) => type)).toEqual(['charge.succeeded']);
    expect((await stripe.events.list({ type: 'payment_intent.*' })).data).toHaveLength(2);
    expect((await stripe.events.list({ delivery_success: false })).data).toHaveLength(4);
    expect((await stripe.events.list({ delivery_success: true })).data).toEqual([]);
    const one = charges.data[0];
    expect(await stripe.events.retrieve(one?.id ?? '')).toMatchObject({
      id: one?.id,
      type: 'charge.succeeded',
    });
  });

  it('keeps customers, and says what changed', async () => {
    const customer = await stripe.customers.create({
      email: 'ana@example.com',
      metadata: { a: '1', b: '2' },
    });
    const updated = await stripe.customers.update(customer.id, { name: 'Ana', metadata: { a: '' } });
    expect(updated).toMatchObject({ name: 'Ana', email: 'ana@example.com', metadata: { b: '2' } });
    expect(sandbox.events.at(-1)).toMatchObject({
      type: 'customer.updated',
      data: { previous_attributes: { name: null, metadata: { a: '1', b: '2' } } },
    });
    expect((await stripe.customers.list({ email: 'ana@example.com' })).data).toHaveLength(1);
    await stripe.customers.del(customer.id);
    expect(await stripe.customers.retrieve(customer.id)).toMatchObject({ deleted: true });
    await expect(stripe.customers.create({ email: 'no mail' })).rejects.toMatchObject({
      code: 'email_invalid',
    });
  });

  it('charges direct payment intents, and answers 402 to a declined card', async () => {
    const intent = await stripe.paymentIntents.create({ amount: 500, currency: 'usd' });
    const confirm = (payment_method?: string) =>
      stripe.paymentIntents.confirm(intent.id, { payment_method, return_url: 'https://shop.example/back' });
    await expect(stripe.paymentIntents.confirm(intent.id)).rejects.toMatchObject({ param: 'return_url' });
    await expect(confirm()).rejects.toThrow(/missing a payment method/);
    await expect(confirm('pm_card_chargeDeclined')).rejects.toMatchObject({
      statusCode: 402,
      type: 'StripeCardError',
      decline_code: 'generic_decline',
    });
    const paid = await confirm('pm_card_visa');
    expect(paid.status).toBe('succeeded');
    await expect(stripe.paymentIntents.cancel(intent.id)).rejects.toMatchObject({
      code: 'payment_intent_unexpected_state',
    });
  });

  it('does not cancel the payment intent of a session, as Stripe does not', async () => {
    const session = await stripe.checkout.sessions.create(sessionParams('mxn', 19_900));
    const { paymentIntent } = await sandbox.issueVoucher(session.id);
    await expect(stripe.paymentIntents.cancel(paymentIntent?.id ?? '')).rejects.toThrow(
      /Expire the Checkout/,
    );
  });

  it('opens an embedded session with a client secret and without a URL', async () => {
    const { success_url, cancel_url, ...rest } = sessionParams();
    const embedded = { ...rest, ui_mode: 'embedded_page' as const, return_url: success_url };
    const session = await stripe.checkout.sessions.create(embedded);
    expect(session.client_secret).toContain(`${session.id}_secret_`);
    expect(session.url).toBeNull();
    await expect(stripe.checkout.sessions.create({ ...embedded, cancel_url })).rejects.toMatchObject({
      param: 'cancel_url',
    });
  });
});

function nowPlus(seconds: number): number {
  return Math.floor(Date.now() / 1000) + seconds;
}
