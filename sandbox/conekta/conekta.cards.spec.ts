import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  ApiCaller,
  orderParams,
  problemsOf,
  startSandbox,
} from '../../test/support/sandbox/conekta.caller.js';
import type { ConektaSandbox } from './conekta.sandbox.js';

const GOOD = { number: '4242424242424242', name: 'Ana', expMonth: '01', expYear: '31' };

describe('saved cards at the stand-in Conekta', () => {
  let sandbox: ConektaSandbox;
  let api: ApiCaller;

  beforeEach(async () => {
    sandbox = await startSandbox();
    api = new ApiCaller(sandbox);
  });

  afterEach(() => sandbox.close());

  /** A token that waits for its card, and the checkout of its form. */
  async function newToken(): Promise<{ id: string; checkoutId: string }> {
    const { body } = await api.post('/tokens', { checkout: { returns_control_on: 'Token' } });
    const token = sandbox.state().tokens.find(({ id }) => id === body['id']);
    const checkoutId = /"checkout":\{"id":"([^"]+)"/.exec(JSON.stringify(body))?.[1];
    if (!token || !checkoutId) throw new Error(`no token in ${JSON.stringify(body)}`);
    return { id: token.id, checkoutId };
  }

  it('come from the token that the form has filled, once', async () => {
    const token = await newToken();
    expect(sandbox.acts.createToken(GOOD, token.checkoutId)).toEqual({ id: token.id });
    expect(() => sandbox.acts.createToken(GOOD, token.checkoutId)).toThrow(/used before/);
    expect(() => sandbox.acts.createToken(GOOD, 'nowhere')).toThrow(/no checkout of a token/);
    const customer = await api.customer();
    const source = { type: 'card', token_id: token.id };
    const kept = await api.post(`/customers/${customer}/payment_sources`, source);
    expect(kept.body).toMatchObject({ last4: '4242', exp_month: '01', exp_year: '31', default: true });
    const again = await api.post(`/customers/${customer}/payment_sources`, source);
    expect(again).toMatchObject({ status: 402 });
    expect(problemsOf(again)).toMatchObject([{ code: 'used' }]);
    expect(sandbox.state().tokens).toEqual([{ id: token.id, used: true, hasCard: true }]);
  });

  it('end in a notice of the form that was used, and of an expired one', async () => {
    const token = await newToken();
    const form = `${sandbox.url}/component/card?public_key=${sandbox.publicKey}&checkout=${token.checkoutId}`;
    expect(await (await fetch(form)).text()).toContain('name="number"');
    sandbox.acts.createToken(GOOD, token.checkoutId);
    expect(await (await fetch(`${form}&locale=en`)).text()).toContain('was used before');
    const late = await newToken();
    await sandbox.advance(2 * 24 * 60 * 60);
    expect(() => sandbox.acts.createToken(GOOD, late.checkoutId)).toThrow(/expired/);
  });

  it('are not made of a card that no token is made of', () => {
    const refused = ['4000000000000069', '4111111111111111'];
    for (const number of refused) expect(() => sandbox.acts.createToken({ ...GOOD, number })).toThrow();
    expect(sandbox.acts.createToken({ ...GOOD, number: '4000000000000002' })).toMatchObject({ id: /^tok_/ });
  });

  it('pay for their own customer alone, until the bank says otherwise', async () => {
    const sources = [{ type: 'card', token_id: 'tok_test_visa_4242' }];
    const owner = await api.customer({ payment_sources: sources });
    const stranger = await api.customer({ payment_sources: sources });
    const [source] = sandbox.state().sources;
    const pay = (customer_id: string) =>
      api.post(
        '/orders',
        orderParams({
          customer_info: { customer_id },
          charges: [{ payment_method: { type: 'card', payment_source_id: source?.id } }],
        }),
      );
    expect(await pay(owner)).toMatchObject({ status: 200, body: { payment_status: 'paid' } });
    const refused = await pay(stranger);
    expect(refused).toMatchObject({ status: 422 });
    expect(problemsOf(refused)).toMatchObject([{ code: 'nonexistent_source' }]);
    const outcome = await control(`sources/${source?.id}/outcome`, { code: 'insufficient_funds' });
    expect(outcome.status).toBe(200);
    expect(problemsOf(await pay(owner))).toMatchObject([{ code: 'insufficient_funds' }]);
    await control(`sources/${source?.id}/outcome`, { code: null });
    expect(await pay(owner)).toMatchObject({ status: 200 });
  });

  const control = (path: string, body: object) =>
    fetch(`${sandbox.url}/_sandbox/${path}`, { method: 'POST', body: JSON.stringify(body) });
});
