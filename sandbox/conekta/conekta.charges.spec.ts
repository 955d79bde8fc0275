import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  ApiCaller,
  orderParams,
  problemsOf,
  startSandbox,
} from '../../test/support/sandbox/conekta.caller.js';
import type { ConektaSandbox } from './conekta.sandbox.js';

const DAY = 24 * 60 * 60;

describe('direct charges at the stand-in Conekta', () => {
  let sandbox: ConektaSandbox;
  let api: ApiCaller;

  beforeEach(async () => {
    sandbox = await startSandbox();
    api = new ApiCaller(sandbox);
  });

  afterEach(() => sandbox.close());

  const charge = (method: Record<string, unknown>, changes: Record<string, unknown> = {}) =>
    api.post('/orders', orderParams({ charges: [{ payment_method: method }], ...changes }));
  const types = () => sandbox.events.map(({ type }) => type);

  it('pay at once by a test token', async () => {
    const answer = await charge({ type: 'card', token_id: 'tok_test_amex_8431', monthly_installments: 6 });
    expect(answer).toMatchObject({
      status: 200,
      body: {
        payment_status: 'paid',
        is_refundable: true,
        charges: {
          data: [
            {
              status: 'paid',
              monthly_installments: 6,
              payment_method: { object: 'card_payment', brand: 'amex', last4: '8431' },
            },
          ],
        },
      },
    });
    expect(types()).toEqual(['order.created', 'charge.created', 'charge.paid', 'order.paid']);
  });

  it.each([
    ['tok_test_card_declined', 'card_declined', /rechazó/, /refused/],
    ['tok_test_insufficient_funds', 'insufficient_funds', /fondos/, /funds/],
  ])('%s is declined in both languages, and the order stays', async (token, code, spanish, english) => {
    const params = orderParams({ charges: [card(token)] });
    const inSpanish = await api.call('POST', '/orders', params, { 'accept-language': 'es' });
    const inEnglish = await api.post('/orders', params);
    expect(inSpanish).toMatchObject({ status: 402, body: { type: 'processing_error' } });
    expect(problemsOf(inSpanish)).toMatchObject([{ code, message: expect.stringMatching(spanish) }]);
    expect(problemsOf(inEnglish)).toMatchObject([{ code, message: expect.stringMatching(english) }]);
    expect(sandbox.state().orders).toMatchObject([
      { payment_status: 'declined', charges: { data: [{ status: 'declined', failure_code: code }] } },
      { payment_status: 'declined' },
    ]);
    expect(types().slice(0, 4)).toEqual([
      'order.created',
      'charge.created',
      'charge.declined',
      'order.declined',
    ]);
  });

  it('refuse a card that cannot pay by months, which pays at once', async () => {
    const token = { type: 'card', token_id: 'tok_test_msi_error' };
    expect(problemsOf(await charge({ ...token, monthly_installments: 3 }))).toMatchObject([
      { code: 'msi_error' },
    ]);
    expect(await charge(token)).toMatchObject({ status: 200, body: { payment_status: 'paid' } });
  });

  it('take a token once', async () => {
    const made = await api.post('/tokens', {
      card: { number: '4242424242424242', name: 'Ana', cvc: '123', exp_month: '12', exp_year: '34' },
    });
    expect(made.body).toMatchObject({ object: 'token', used: false });
    const token = { type: 'card', token_id: made.body['id'] };
    expect(await charge(token)).toMatchObject({ status: 200 });
    const again = await charge(token);
    expect(again).toMatchObject({ status: 402, body: { type: 'processing_error' } });
    expect(problemsOf(again)).toMatchObject([{ code: 'used' }]);
  });

  it('make a token for the component, which has no card yet', async () => {
    const made = await api.post('/tokens', { checkout: { returns_control_on: 'Token' } });
    expect(made.body).toMatchObject({ used: false, checkout: { object: 'checkout', status: 'Issued' } });
    const answer = await charge({ type: 'card', token_id: made.body['id'] });
    expect(problemsOf(answer)).toMatchObject([{ code: 'nonexistent_token' }]);
  });

  it('pay by a card that the customer keeps, the default one or a named one', async () => {
    const id = await api.customer({ payment_sources: [{ type: 'card', token_id: 'tok_test_visa_4242' }] });
    const customer_info = { customer_id: id };
    const source = await api.post(`/customers/${id}/payment_sources`, {
      type: 'card',
      token_id: 'tok_test_mastercard_4444',
    });
    const byDefault = await charge({ type: 'default' }, { customer_info });
    const named = await charge({ type: 'card', payment_source_id: source.body['id'] }, { customer_info });
    const last4 = [byDefault, named].map(({ body }) => JSON.stringify(body).match(/"last4":"(\d+)"/)?.[1]);
    expect(last4).toEqual(['4242', '4444']);
    expect(problemsOf(await charge({ type: 'default' }))).toMatchObject([{ code: 'nonexistent_source' }]);
  });

  it('hand out vouchers and CLABEs that are paid days later, or expire', async () => {
    const cash = await charge({ type: 'cash' });
    const spei = await charge({ type: 'spei', expires_at: soon(2 * DAY) });
    const [first, second] = sandbox.state().orders;
    expect([cash.body['payment_status'], spei.body['payment_status']]).toEqual([
      'pending_payment',
      'pending_payment',
    ]);
    await sandbox.advance(3 * DAY);
    await sandbox.payVoucher(first?.id ?? '');
    expect(sandbox.state().orders).toMatchObject([{ payment_status: 'paid' }, { payment_status: 'expired' }]);
    await expect(sandbox.receiveTransfer(second?.id ?? '')).rejects.toThrow(/waits for this money/);
  });

  it('send the customer to confirm, in strict 3DS and at a lender', async () => {
    const strict = await charge(
      { type: 'card', token_id: 'tok_test_visa_4242' },
      { three_ds_mode: 'strict', return_url: 'https://shop.example/back' },
    );
    const lender = await charge({
      type: 'bnpl',
      product_type: 'aplazo_bnpl',
      success_url: 'https://shop.example/yes',
      failure_url: 'https://shop.example/no',
    });
    expect(strict.body).toMatchObject({
      payment_status: 'pending_payment',
      next_action: { type: 'redirect_to_url' },
      charges: { data: [{ status: 'pending_confirmation' }] },
    });
    const pages = [strict, lender].map(({ body }) =>
      String(JSON.stringify(body).match(/"(?:redirect_)?url":"([^"]+\/confirm\/[^"]+)"/)?.[1]),
    );
    const places = [];
    for (const page of pages) {
      expect(await (await fetch(page)).text()).toContain('398.00 MXN');
      const answered = await fetch(page, { method: 'POST', body: 'answer=approve', redirect: 'manual' });
      places.push(answered.headers.get('location'));
    }
    expect(places).toEqual(['https://shop.example/back', 'https://shop.example/yes']);
    expect(sandbox.state().orders).toMatchObject([{ payment_status: 'paid' }, { payment_status: 'paid' }]);
  });

  it('pay an order that was declined, by another card', async () => {
    await charge({ type: 'card', token_id: 'tok_test_card_declined' });
    const id = sandbox.state().orders[0]?.id;
    const again = await api.post(`/orders/${id}/charges`, card('tok_test_visa_4242'));
    expect(again).toMatchObject({ status: 200, body: { object: 'charge', status: 'paid' } });
    expect(await api.post(`/orders/${id}/charges`, card('tok_test_visa_4242'))).toMatchObject({
      status: 428,
    });
    expect((await api.get('/charges')).body).toMatchObject({
      data: [{ status: 'paid' }, { status: 'declined' }],
    });
  });

  it('let go of the first card when the second is refused', async () => {
    const half = { amount: 19_900 };
    const answer = await api.post(
      '/orders',
      orderParams({
        charges: [
          { ...card('tok_test_visa_4242'), ...half },
          { ...card('tok_test_card_declined'), ...half },
        ],
      }),
    );
    expect(answer.status).toBe(402);
    expect(sandbox.state().orders[0]?.charges?.data.map(({ status }) => status)).toEqual([
      'declined',
      'voided',
    ]);
  });
});

function card(token: string): { payment_method: Record<string, unknown> } {
  return { payment_method: { type: 'card', token_id: token } };
}

function soon(seconds: number): number {
  return Math.floor(Date.now() / 1000) + seconds;
}
