import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ApiCaller, problemsOf, startSandbox } from '../../test/support/sandbox/conekta.caller.js';
import type { ConektaSandbox } from './conekta.sandbox.js';

describe('customers of the stand-in Conekta', () => {
  let sandbox: ConektaSandbox;
  let api: ApiCaller;

  beforeEach(async () => {
    sandbox = await startSandbox();
    api = new ApiCaller(sandbox);
  });

  afterEach(() => sandbox.close());

  it('keeps them with their sources, and forgets them', async () => {
    const id = await api.customer();
    const source = await api.post(`/customers/${id}/payment_sources`, { type: 'spei_recurrent' });
    expect(source.body).toMatchObject({
      type: 'spei_recurrent',
      reference: expect.stringMatching(/^\d{18}$/),
    });
    const changed = await api.call('PUT', `/customers/${id}`, { name: 'Ana Otra' });
    expect(changed.body).toMatchObject({ name: 'Ana Otra', payment_sources: { total: 1 } });
    const sources = `/customers/${id}/payment_sources`;
    await api.call('DELETE', `${sources}/${String(source.body['id'])}`);
    expect((await api.get(sources)).body).toMatchObject({ data: [] });
    expect(await api.call('DELETE', `/customers/${id}`)).toMatchObject({ status: 200 });
    expect(await api.get(`/customers/${id}`)).toMatchObject({ status: 404 });
    const types = sandbox.events.map(({ type }) => type);
    expect([types[0], types.at(-1)]).toEqual(['customer.created', 'customer.deleted']);
  });

  it('wants name, mail and phone', async () => {
    const answer = await api.post('/customers', { name: 'Ana', email: 'not a mail' });
    expect(problemsOf(answer)).toMatchObject([
      { param: 'email', code: 'not_email' },
      { param: 'phone', code: 'missing' },
    ]);
  });

  it('makes another card the default one', async () => {
    const id = await api.customer({ payment_sources: [{ type: 'card', token_id: 'tok_test_visa_4242' }] });
    const body = { type: 'card', token_id: 'tok_test_mastercard_4444' };
    const source = await api.post(`/customers/${id}/payment_sources`, body);
    const changed = await api.call('PUT', `/customers/${id}`, {
      default_payment_source_id: source.body['id'],
    });
    expect(changed.body).toMatchObject({
      default_payment_source_id: source.body['id'],
      payment_sources: { data: [{ default: false }, { default: true }] },
    });
  });
});
