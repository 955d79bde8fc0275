import { describe, expect, it } from '@jest/globals';
import type { CustomerCommand } from '../../billing.ports.js';
import type { Json } from '../../json.read.js';
import {
  AnswersByPath,
  callOf,
  cardJson,
  customerJson,
  list,
  refusal,
  SENT,
  SENT_AT,
} from '../../../../test/support/conekta/answers.by.path.js';
import { ConektaCustomers } from './conekta.customers.js';

const CREATE = {
  kind: 'create_customer',
  customerId: 'customer-1',
  name: 'Ada Lovelace',
  email: 'ada@example.com',
  phone: '+52 55 5555 5555',
  metadata: { tier: 'gold' },
  token: 'tok_1',
} as const;
const ADD_CARD = {
  kind: 'add_card',
  providerCustomerId: 'cus_1',
  token: 'tok_2',
  makeDefault: true,
} as const;
const USED = refusal(402, { code: 'conekta.errors.processing.tokenization.used' });

function house(answers: Record<string, Json> = {}) {
  const conekta = new AnswersByPath(answers);
  const customers = new ConektaCustomers(conekta, { livemode: false });
  const run = (command: CustomerCommand, sentBefore?: Date) =>
    customers.run(command.kind, callOf(customers.request(command), sentBefore));
  return { conekta, customers, run };
}

const withCards = (...cards: Json[]): Json => customerJson({ payment_sources: list(cards) });

describe('the request of a command for a customer at Conekta', () => {
  const { customers } = house();

  it.each<[CustomerCommand, string, Json | undefined]>([
    [
      CREATE,
      'POST /customers',
      {
        name: 'Ada Lovelace',
        email: 'ada@example.com',
        phone: '+525555555555',
        metadata: { tier: 'gold', customerId: 'customer-1' },
        payment_sources: [{ type: 'card', token_id: 'tok_1' }],
      },
    ],
    [
      { kind: 'update_customer', providerCustomerId: 'cus/1', name: 'Ada King' },
      'PUT /customers/cus%2F1',
      { name: 'Ada King' },
    ],
    [{ kind: 'delete_customer', providerCustomerId: 'cus_1' }, 'DELETE /customers/cus_1', undefined],
    [ADD_CARD, 'POST /customers/cus_1/payment_sources', { type: 'card', token_id: 'tok_2' }],
    [
      { kind: 'remove_card', providerCustomerId: 'cus_1', providerSourceId: 'src_1' },
      'DELETE /customers/cus_1/payment_sources/src_1',
      undefined,
    ],
    [
      { kind: 'set_default_card', providerCustomerId: 'cus_1', providerSourceId: 'src_1' },
      'PUT /customers/cus_1',
      { default_payment_source_id: 'src_1' },
    ],
  ])('is one request (%#)', (command, line, body) => {
    const { method, path, ...rest } = customers.request(command);
    expect(`${String(method)} ${String(path)}`).toBe(line);
    expect(rest.body).toEqual(body);
  });

  it('names what Conekta does not do without', () => {
    const missing = { ...CREATE, name: undefined, phone: undefined };
    expect(() => customers.request(missing)).toThrow('name is required by Conekta, phone is required');
    expect(() => customers.request({ ...CREATE, phone: '12' })).toThrow('phone must have 10 to 15 digits');
  });

  it.each(['create', 'update'] as const)('S9j refuses by the field what is too long on %s', (verb) => {
    const command = (changes: { name?: string; email?: string }): CustomerCommand =>
      verb === 'create'
        ? { ...CREATE, ...changes }
        : { kind: 'update_customer', providerCustomerId: 'cus_1', ...changes };
    const email = `${'x'.repeat(238)}@example.com`;
    const rule = 'must be at most 249 characters at Conekta';
    expect(() => customers.request(command({ name: 'x'.repeat(250) }))).toThrow(
      expect.objectContaining({ code: 'invalid_request', details: [{ field: 'name', rule }] }),
    );
    expect(() => customers.request(command({ email }))).toThrow(
      expect.objectContaining({ details: [{ field: 'email', rule }] }),
    );
    expect(customers.request(command({ name: 'x'.repeat(249) })).body).toMatchObject({
      name: 'x'.repeat(249),
    });
  });
});

describe('a customer at Conekta', () => {
  it('is told with every card, the oldest first, and without what is no card', async () => {
    const { customers } = house({
      '/customers/cus_1': withCards(
        cardJson('src_2', { created_at: SENT_AT, exp_year: '2031', payment_source_status: 'blocked' }),
        { object: 'payment_source', type: 'spei_recurrent', id: 'src_s', created_at: 1 },
        cardJson('src_1', { default: true }),
      ),
    });
    expect(await customers.retrieve('cus_1')).toEqual({
      kind: 'customer',
      provider: 'conekta',
      livemode: false,
      providerCustomerId: 'cus_1',
      customerId: 'customer-1',
      deleted: false,
      name: 'Ada Lovelace',
      email: 'ada@example.com',
      phone: '+525555555555',
      cards: [
        {
          providerSourceId: 'src_1',
          brand: 'visa',
          last4: '4242',
          expMonth: 1,
          expYear: 2034,
          holder: 'Ada Lovelace',
          blocked: false,
        },
        expect.objectContaining({ providerSourceId: 'src_2', expYear: 2031, blocked: true }),
      ],
      defaultCardId: 'src_1',
    });
  });

  it('is asked for all its cards where the answer does not show them', async () => {
    const sources = '/customers/cus_1/payment_sources';
    const { customers } = house({
      '/customers/cus_1': customerJson({ payment_sources: { has_more: true, data: [] } }),
      [sources]: list([cardJson('src_1')], 'src_1'),
      [`${sources}?next=src_1`]: list([cardJson('src_2')]),
    });
    expect((await customers.retrieve('cus_1')).cards).toHaveLength(2);
  });

  it('is told as deleted when it is gone, and stays deleted when it is deleted again', async () => {
    const { conekta, customers, run } = house();
    expect(await customers.retrieve('cus_1')).toMatchObject({ deleted: true, cards: [] });
    conekta.turns = [refusal(404)];
    expect(await run({ kind: 'delete_customer', providerCustomerId: 'cus_1' })).toMatchObject({
      known: true,
      value: { facts: [{ deleted: true }] },
    });
  });

  it('that was made by a call without an answer is found by our id, and not made again', async () => {
    const stranger = customerJson({ id: 'cus_9', metadata: { customerId: 'customer-9' } });
    const { conekta, run } = house({
      '/customers': list([stranger], 'cus_9'),
      '/customers?next=cus_9': list([customerJson()]),
      '/customers/cus_1': customerJson(),
    });
    expect(await run(CREATE, SENT)).toMatchObject({ known: true, value: { madeId: 'cus_1' } });
    expect(conekta.writes).toEqual([]);
  });

  it('is made when none is found, without looking through all the years', async () => {
    const older = (id: string, age: number): Json =>
      customerJson({ id, metadata: {}, created_at: SENT_AT - age });
    const { conekta, run } = house({
      '/customers': list([older('cus_8', 1), older('cus_7', 90_000)], 'cus_7'),
      '/customers/cus_1': customerJson(),
    });
    conekta.turns = [customerJson()];
    expect(await run(CREATE, SENT)).toMatchObject({ known: true, value: { madeId: 'cus_1' } });
    expect(conekta.sent).toEqual(['POST /customers']);
  });

  it('is found when the first sending landed late and used its token', async () => {
    const pages: Record<string, Json> = { '/customers': list([]), '/customers/cus_1': customerJson() };
    const { conekta, run } = house(pages);
    const write = conekta.write.bind(conekta);
    conekta.turns = [USED, USED];
    await expect(run(CREATE, SENT)).rejects.toMatchObject({ kind: 'card_unusable' });
    conekta.write = (sent) => {
      pages['/customers'] = list([customerJson()]);
      return write(sent);
    };
    expect(await run(CREATE, SENT)).toMatchObject({ known: true, value: { madeId: 'cus_1' } });
  });

  it('is in doubt as long as it cannot be read after it was made', async () => {
    const { conekta, run } = house();
    conekta.turns = [customerJson({ object: 'error' })];
    expect((await run(CREATE)).known).toBe(false);
    conekta.turns = ['lost'];
    expect((await run(CREATE)).known).toBe(false);
  });

  it('keeps our id when its metadata is changed', async () => {
    const { conekta, run } = house({ '/customers/cus_1': customerJson() });
    await run({ kind: 'update_customer', providerCustomerId: 'cus_1', metadata: { tier: 'new' } });
    expect(conekta.writes[0]?.body).toEqual({ metadata: { tier: 'new', customerId: 'customer-1' } });
  });
});

describe('a new card at Conekta', () => {
  const answers = {
    '/customers/cus_1': withCards(cardJson('src_1'), cardJson('src_2', { created_at: SENT_AT + 2 })),
  };

  it('is attached, made the default, and told', async () => {
    const { conekta, run } = house(answers);
    conekta.turns = [cardJson('src_2')];
    const told = await run(ADD_CARD);
    expect(told).toMatchObject({
      known: true,
      value: { madeId: 'src_2', facts: [{ cards: { length: 2 } }] },
    });
    expect(conekta.writes.map(({ body }) => body)).toEqual([
      { type: 'card', token_id: 'tok_2' },
      { default_payment_source_id: 'src_2' },
    ]);
  });

  it('of a call without an answer is the one that came since', async () => {
    const { conekta, run } = house(answers);
    expect(await run(ADD_CARD, SENT)).toMatchObject({ known: true, value: { madeId: 'src_2' } });
    expect(conekta.sent).toEqual(['PUT /customers/cus_1']);
  });

  it('of a token that the first sending used is found when the second is refused', async () => {
    const behind = withCards(cardJson('src_1'), cardJson('src_2', { created_at: SENT_AT - 30 }));
    const { conekta, run } = house({ '/customers/cus_1': behind });
    conekta.turns = [USED];
    expect(await run(ADD_CARD, SENT)).toMatchObject({ known: true, value: { madeId: 'src_2' } });
  });

  it('is refused when its token was used elsewhere', async () => {
    const { conekta, run } = house({ '/customers/cus_1': withCards(cardJson('src_1')) });
    conekta.turns = [USED, USED];
    await expect(run(ADD_CARD)).rejects.toMatchObject({ kind: 'card_unusable' });
    await expect(run(ADD_CARD, SENT)).rejects.toMatchObject({ kind: 'card_unusable' });
  });

  it('stays the customer’s when it cannot be the default', async () => {
    const { conekta, run } = house(answers);
    conekta.turns = [cardJson('src_2'), refusal(422)];
    expect(await run(ADD_CARD)).toMatchObject({ known: true, value: { madeId: 'src_2' } });
  });
});
