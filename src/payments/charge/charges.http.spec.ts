import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ChargeApp } from '../../../test/support/domain/charge.app.js';
import { providerOperations } from '../../operations/operation.tables.js';

describe('POST /payments/charge', () => {
  let app: ChargeApp;
  beforeAll(async () => {
    app = await ChargeApp.start();
  });
  afterAll(() => app.stop());
  beforeEach(async () => {
    app.provider.calls.length = 0;
    app.provider.charges.fates = [];
    await app.database.db.delete(providerOperations);
  });

  const body = (changes: object = {}) => ({
    source: { token: 'tok_1' },
    currency: 'mxn',
    amount: 19_900,
    description: 'Cuaderno',
    ...changes,
  });
  const charge = (payload: object, key: string = randomUUID()) =>
    app.post('/payments/charge', payload, { 'idempotency-key': key });
  /** The exact call, as it was recorded. */
  const recorded = async () => (await app.database.db.select().from(providerOperations)).at(-1)?.request;

  it('charges a token for whatever it is for', async () => {
    expect(await charge(body())).toMatchObject({
      status: 201,
      body: { status: 'succeeded', amount: 19_900, currency: 'MXN', orderId: null, nextAction: null },
    });
    expect(await recorded()).toMatchObject({ amount: '19900', card: { kind: 'token', token: 'tok_1' } });
  });

  it('answers a decline with the payment that failed, and what the buyer is told', async () => {
    app.provider.charges.fates = ['declined'];
    expect(await charge(body())).toMatchObject({
      status: 201,
      body: { status: 'failed', failure: { reason: 'insufficient_funds', message: 'Sin fondos.' } },
    });
  });

  it('says by name why nothing was charged', async () => {
    app.provider.charges.fates = ['card_unusable'];
    expect(await charge(body())).toMatchObject({
      status: 422,
      body: { code: 'card_unusable', details: { paymentId: expect.any(String) } },
    });
  });

  it('charges a saved card, and the default one, for the customer whose they are', async () => {
    const { id: customerId, account, cardId, cardAtProvider } = await app.customer();
    for (const source of [{ paymentSourceId: cardId }, { default: true }]) {
      const { status, body: answer } = await charge(body({ source, customerId }));
      expect({ status, customerId: answer.customerId }).toEqual({ status: 201, customerId });
      const card = { kind: 'saved', providerSourceId: cardAtProvider };
      expect(await recorded()).toMatchObject({ card, providerCustomerId: account });
      await app.database.db.delete(providerOperations);
    }
  });

  it('does not charge the card of another customer', async () => {
    const [{ id: customerId }, { cardId }] = [await app.customer(), await app.customer()];
    expect(await charge(body({ source: { paymentSourceId: cardId }, customerId }))).toMatchObject({
      status: 422,
      body: { code: 'card_unusable', details: [{ field: 'source.paymentSourceId' }] },
    });
    expect(app.provider.calls).toEqual([]);
    expect(await recorded()).toBeUndefined();
  });

  it('asks the provider once, when fifty ask with one key', async () => {
    const key = randomUUID();
    const answers = await Promise.all(Array.from({ length: 50 }, () => charge(body(), key)));
    expect(new Set(answers.map(({ status, body: { paymentId } }) => `${status} ${paymentId}`)).size).toBe(1);
    expect(answers[0]?.status).toBe(201);
    expect(app.provider.calls).toHaveLength(1);
    const other = await charge(body({ amount: 1 }), key);
    expect(other).toMatchObject({ status: 422, body: { code: 'idempotency_key_reused' } });
  });

  it('in doubt is gone on with by its key', async () => {
    const key = randomUUID();
    app.provider.charges.fates = ['vanished'];
    const first = await charge(body(), key);
    expect(first).toMatchObject({ status: 503, body: { code: 'unknown_outcome' } });
    const again = await charge(body(), key);
    expect(again).toMatchObject({ status: 409, body: { code: 'operation_in_doubt' } });
    expect(again.body.details).toEqual(first.body.details);
    expect(app.provider.calls).toHaveLength(1);
  });

  it('wants a key', async () => {
    expect(await app.post('/payments/charge', body())).toMatchObject({
      status: 400,
      body: { code: 'idempotency_key_required' },
    });
  });

  it.each<[string, object, string]>([
    ['no source', { source: undefined }, 'source'],
    ['an empty source', { source: {} }, 'source'],
    ['two sources', { source: { token: 'tok_1', default: true } }, 'source'],
    ['a token that is a path', { source: { token: '../tok' } }, 'source.token'],
    ['the number of a card', { source: { token: '4242424242424242' } }, 'source.token'],
    ['a default that is none', { source: { default: false } }, 'source.default'],
    ['a saved card of nobody', { source: { paymentSourceId: randomUUID() } }, 'customerId'],
    ['a customer twice', { customer: { name: 'Ana' }, customerId: randomUUID() }, 'customer'],
    ['items and an amount', { items: [{ name: 'A', price: 1, quantity: 1 }] }, 'amount'],
    ['neither', { amount: undefined, description: undefined }, 'items'],
    ['an amount for nothing', { description: undefined }, 'description'],
    ['half a cent', { amount: 0.5 }, 'amount'],
    ['a page of somebody else', { returnUrl: 'https://evil.example/' }, 'returnUrl'],
    ['a status', { status: 'paid' }, 'status'],
  ])('refuses %s', async (_what, changes, field) => {
    const answer = await charge(body(changes));
    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_request', details: [{ field }] } });
    expect(app.provider.calls).toEqual([]);
  });

  it('refuses a customer that is not there', async () => {
    const answer = await charge(body({ source: { default: true }, customerId: randomUUID() }));
    expect(answer).toMatchObject({ status: 404, body: { code: 'not_found' } });
  });

  describe('and a session of a customer', () => {
    const session = (customerId: string) =>
      app.post('/payments/create-session', {
        orderId: randomUUID(),
        currency: 'MXN',
        items: [{ name: 'Cuaderno', price: 199, quantity: 1 }],
        customerId,
      });

    it('is opened for who that is at the provider', async () => {
      const { id: customerId, account } = await app.customer();
      const { status, body: answer } = await session(customerId);
      expect(status).toBe(201);
      expect(await recorded()).toMatchObject({ customerId: account });
      expect(await app.payment(answer.paymentId)).toMatchObject({ customerId });
    });

    it.each(['cus_1', '019a0000-0000-7000-8000-000000000000'])('is not opened for %s', async (customerId) => {
      expect(await session(customerId)).toMatchObject({ status: 404, body: { code: 'not_found' } });
      expect(app.provider.calls).toEqual([]);
    });
  });
});
