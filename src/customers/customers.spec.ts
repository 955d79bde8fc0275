import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { eq } from 'drizzle-orm';
import { CustomersBed } from '../../test/support/domain/customers.bed.js';
import { type FakeCustomer, savedCard } from '../../test/support/domain/fake.customers.js';
import { migratedDatabase, type MigratedDatabase } from '../../test/support/outbox/migrated.database.js';
import type { Caller } from '../http/access/caller.js';
import { derivedId } from '../kernel/ids.js';
import { providerOperations } from '../operations/operation.tables.js';
import type { NewCustomer } from './customer/customers.service.js';

const service = (name: string): Caller => ({ name, group: name, roles: ['service'], public: false });
const OPERATOR: Caller = { name: 'ops', group: 'ops', roles: ['operator'], public: false };
const ANA = { name: 'Ana Prado', email: 'ana@shop.example', phone: '+525512345678' };

describe('the customers', () => {
  let home: MigratedDatabase;
  let bed: CustomersBed;
  let shop: Caller;
  let [tokens, shops] = [0, 0];
  beforeAll(async () => {
    home = await migratedDatabase();
    bed = new CustomersBed(home.database);
  });
  afterAll(() => home.drop());
  beforeEach(() => {
    shop = service(`shop-${(shops += 1)}`);
    for (const provider of [bed.main, bed.other]) provider.forget();
  });

  const token = (): string => `tok_${(tokens += 1)}`;
  const create = async (input: NewCustomer = {}) =>
    bed.customers.get((await bed.customers.create({ ...ANA, ...input }, shop)).id, shop);
  const read = (id: string) => bed.customers.get(id, shop);
  const atMain = (id: string): FakeCustomer => found(bed.main.kept, id);
  const atOther = (id: string): FakeCustomer => found(bed.other.kept, id);
  const versions = async (id: string) => (await bed.events(id)).map(({ version }) => version);
  /** As a webhook's worker does. */
  const deliver = async (provider: string, providerCustomerId: string) => {
    const reading = await bed.truth.read(provider, providerCustomerId);
    return home.database.transaction((tx) => bed.truth.apply(tx, reading));
  };
  const withOther = async () => {
    const { customerId } = await create();
    await bed.directory.accountAt(await bed.directory.get(customerId, shop), 'other', `api:${shop.name}`);
    return { customerId, main: atMain(customerId), other: atOther(customerId) };
  };

  it('are made with their card and announced once, without who they are', async () => {
    const customer = await create({ token: token(), metadata: { tier: 'gold' } });
    const { providerCustomerId } = atMain(customer.customerId);
    expect(customer).toMatchObject({ ...ANA, provider: 'main', version: 1 });
    expect(customer.providerIds).toEqual({ main: providerCustomerId });
    expect(customer.paymentSources).toMatchObject([{ default: true, last4: '4242', provider: 'main' }]);
    await deliver('main', providerCustomerId);
    const events = await bed.events(customer.customerId);
    expect(events).toMatchObject([{ version: 1, metadata: { tier: 'gold' }, deleted: false }]);
    expect(JSON.stringify(events)).not.toMatch(/Ana|ana@|5512345678/);
  });

  it('announce a change under the id of our call, else of the event, else of the reading', async () => {
    const { customerId } = await create();
    const { providerCustomerId } = atMain(customerId);
    const [made] = await home.database.db
      .select()
      .from(providerOperations)
      .where(eq(providerOperations.subjectId, customerId));
    const idOf = (origin: string): string =>
      derivedId('customer.updated', 'main', providerCustomerId, origin);
    const change = async (cause?: string): Promise<string> => {
      atMain(customerId).cards.push(savedCard());
      await bed.clock.advance(1);
      const reading = await bed.truth.read('main', providerCustomerId);
      await home.database.transaction((tx) => bed.truth.apply(tx, reading, cause));
      return reading.readFrom.toISOString();
    };
    await change('webhook:evt_1');
    const readFrom = await change();
    const ids = (await bed.events(customerId)).map(({ eventId }) => eventId);
    expect(ids).toEqual([idOf(made?.id ?? ''), idOf('evt_1'), idOf(readFrom)]);
  });

  it('whose making got no answer are made once, when the janitor has found out', async () => {
    bed.main.answers = ['lost'];
    const error = await failure(create({ token: token() }));
    expect(error).toMatchObject({ code: 'unknown_outcome' });
    const id = detail(error, 'customerId');
    expect(await read(id)).toMatchObject({ version: 0, providerIds: {} });
    const early = await failure(bed.sources.add(id, { token: token() }, shop));
    expect(early).toMatchObject({ code: 'operation_in_doubt' });
    await bed.settle();
    expect(await read(id)).toMatchObject({ version: 1, paymentSources: [{ default: true }] });
    expect(bed.main.kept.filter(({ customerId }) => customerId === id)).toHaveLength(1);
    expect(await versions(id)).toEqual([1]);
  });

  it('are made once for one Idempotency-Key, also by a process that died while it asked', async () => {
    let id = '';
    const remember = (made: string): Promise<void> => {
      id = made;
      return Promise.resolve();
    };
    bed.main.answers = ['lost'];
    await failure(bed.customers.create(ANA, shop, { remember }));
    await bed.clock.advance(60);
    const repeated = await bed.customers.create(ANA, shop, { id, remember });
    expect(repeated).toMatchObject({ id, version: 1 });
    expect(atMain(id).providerCustomerId).toBe((await read(id)).providerIds.main);
    expect((await bed.customers.list({}, shop)).data).toHaveLength(1);
  });

  it('that are refused when they are asked for again under one key are told why', async () => {
    let id = '';
    const remember = (made: string): Promise<void> => {
      id = made;
      return Promise.resolve();
    };
    const used = token();
    await create({ token: used });
    const wish = { ...ANA, token: used };
    bed.main.answers = ['vanished'];
    await failure(bed.customers.create(wish, shop, { remember }));
    await bed.clock.advance(60);
    const error = await failure(bed.customers.create(wish, shop, { id, remember }));
    expect(error).toMatchObject({ code: 'card_unusable', details: [{ field: 'token' }] });
    expect((await bed.customers.list({}, shop)).data).toHaveLength(1);
  });

  it('whom the provider refuses never were, and the refusal says why', async () => {
    const used = token();
    await create({ token: used });
    const error = await failure(create({ token: used }));
    expect(error).toMatchObject({ code: 'card_unusable', details: [{ field: 'token' }] });
    const { data } = await bed.customers.list({}, shop);
    expect(data).toHaveLength(1);
  });

  it('become what a panel makes of them, once, however often it is told', async () => {
    const { customerId } = await create({ token: token() });
    const there = atMain(customerId);
    const added = savedCard({ last4: '1881' });
    there.cards = [added];
    there.defaultCardId = added.providerSourceId;
    there.name = 'Ana P. Prado';
    const readings = await Promise.all([
      bed.truth.read('main', there.providerCustomerId),
      bed.truth.read('main', there.providerCustomerId),
    ]);
    const applied = await Promise.all(
      readings.map((one) => home.database.transaction((tx) => bed.truth.apply(tx, one))),
    );
    expect(applied.map(({ kind }) => kind).sort()).toEqual(['applied', 'stale']);
    expect(await read(customerId)).toMatchObject({
      name: 'Ana P. Prado',
      version: 2,
      paymentSources: [{ last4: '1881', default: true }],
    });
    expect(await versions(customerId)).toEqual([1, 2]);
  });

  it('are called as whoever said something new last calls them', async () => {
    const { customerId, main, other } = await withOther();
    main.name = 'Ana of the panel';
    await deliver('main', main.providerCustomerId);
    other.cards = [savedCard()];
    await deliver('other', other.providerCustomerId);
    expect(await read(customerId)).toMatchObject({ name: 'Ana of the panel', version: 3 });
  });

  it('are not changed back by a reading that was overtaken', async () => {
    const { customerId } = await create();
    const { providerCustomerId } = atMain(customerId);
    const old = await bed.truth.read('main', providerCustomerId);
    await bed.customers.update(customerId, { name: 'Ana Nueva' }, shop);
    const apply = () => home.database.transaction((tx) => bed.truth.apply(tx, old));
    expect(await apply()).toEqual({ kind: 'parked', reason: 'read_overtaken' });
    expect(await read(customerId)).toMatchObject({ name: 'Ana Nueva' });
  });

  it('are read once more when a command was overtaken by an older reading', async () => {
    const { customerId } = await create();
    const old = await bed.truth.read('main', atMain(customerId).providerCustomerId);
    bed.main.meanwhile = async () => {
      await home.database.transaction((tx) => bed.truth.apply(tx, old));
    };
    const card = await bed.sources.add(customerId, { token: token() }, shop);
    expect((await bed.sources.list(customerId, shop)).data).toEqual([card]);
    expect(await bed.events(customerId)).toMatchObject([
      {},
      { version: 2, paymentSources: [card].map(idOf) },
    ]);
  });

  it('are changed at every provider that has them, in one version', async () => {
    const { customerId, main, other } = await withOther();
    const changes = { email: 'ana@new.example', metadata: { tier: 'silver' } };
    expect(await bed.customers.update(customerId, changes, shop)).toMatchObject({ ...changes, version: 2 });
    expect([main, other]).toMatchObject([changes, changes]);
    await bed.customers.update(customerId, changes, shop);
    expect(await versions(customerId)).toEqual([1, 2]);
  });

  it('stay as they are everywhere when one provider refuses a change', async () => {
    const { customerId, other } = await withOther();
    bed.main.answers = ['invalid_request'];
    const error = await failure(bed.customers.update(customerId, { name: 'Eva' }, shop));
    expect(error).toMatchObject({ code: 'provider_rejected' });
    await bed.settle();
    expect(other.name).toBe(ANA.name);
    expect(await read(customerId)).toMatchObject({ name: ANA.name, version: 1 });
  });

  it('are changed everywhere by the janitor when one provider did not answer', async () => {
    const { customerId, main, other } = await withOther();
    bed.main.answers = ['vanished'];
    const change = bed.customers.update(customerId, { name: 'Eva', metadata: { a: 'b' } }, shop);
    expect(await failure(change)).toMatchObject({ code: 'unknown_outcome' });
    expect(await read(customerId)).toMatchObject({ name: ANA.name, metadata: {} });
    await bed.settle();
    expect([main.name, other.name]).toEqual(['Eva', 'Eva']);
    expect(await read(customerId)).toMatchObject({ name: 'Eva', metadata: { a: 'b' }, version: 2 });
  });

  it('are deleted at every provider, and their cards with them', async () => {
    const { customerId, main, other } = await withOther();
    await bed.sources.add(customerId, { token: token() }, shop);
    const deleted = await bed.customers.delete(customerId, shop);
    expect(deleted).toMatchObject({ deleted: true, paymentSources: [], providerIds: {} });
    expect([main.deleted, other.deleted]).toEqual([true, true]);
    expect((await bed.events(customerId)).at(-1)).toMatchObject({ deleted: true, paymentSources: [] });
    expect(await bed.customers.delete(customerId, shop)).toEqual(deleted);
    expect(await failure(bed.customers.update(customerId, { name: 'Eva' }, shop))).toMatchObject({
      code: 'not_found',
    });
  });

  it('are seen by whoever made them and by operators, page by page', async () => {
    const mine = [await create(), await create(), await create({ email: 'eva@shop.example' })];
    const theirs = await bed.customers.create(ANA, service('rival'));
    expect(await failure(bed.customers.get(theirs.id, shop))).toMatchObject({ code: 'not_found' });
    expect(await bed.customers.get(theirs.id, OPERATOR)).toMatchObject({ customerId: theirs.id });
    const first = await bed.customers.list({ limit: 2 }, shop);
    const rest = await bed.customers.list({ limit: 2, cursor: first.nextCursor ?? '' }, shop);
    expect([...first.data, ...rest.data]).toEqual(mine.toReversed());
    expect(rest.nextCursor).toBeNull();
    const evas = await bed.customers.list({ email: 'eva@shop.example' }, shop);
    expect(evas.data).toHaveLength(1);
  });

  it('S9r are found by their address in whatever case it was written, and as it was written', async () => {
    const [first, second] = [
      await create({ email: 'Eva.Lopez@Shop.example' }),
      await create({ email: 'eva.lopez@shop.example' }),
    ];
    await create({ email: 'eva@shop.example' });
    for (const email of ['eva.lopez@shop.example', 'EVA.LOPEZ@SHOP.EXAMPLE']) {
      expect((await bed.customers.list({ email }, shop)).data).toEqual([second, first]);
    }
    expect(first.email).toBe('Eva.Lopez@Shop.example');
    expect((await bed.customers.list({ email: 'eva_lopez@shop.example' }, shop)).data).toEqual([]);
  });

  describe('with cards', () => {
    it('get the first as default, and another one when they say so', async () => {
      const { customerId } = await create();
      await bed.sources.add(customerId, { token: token() }, shop);
      await bed.sources.add(customerId, { token: token() }, shop);
      const [first, second] = (await bed.sources.list(customerId, shop)).data;
      expect([first?.default, second?.default]).toEqual([true, false]);
      const id = second?.paymentSourceId ?? '';
      expect(await bed.sources.makeDefault(customerId, id, shop)).toMatchObject({ default: true });
      expect(await read(customerId)).toMatchObject({ defaultPaymentSourceId: id });
      await bed.sources.remove(customerId, id, shop);
      expect((await bed.sources.list(customerId, shop)).data).toMatchObject([{ default: false }]);
    });

    it('are told of a token that was used before, and nothing has changed', async () => {
      const [{ customerId }, used] = [await create(), token()];
      await bed.sources.add(customerId, { token: used }, shop);
      const error = await failure(bed.sources.add(customerId, { token: used }, shop));
      expect(error).toMatchObject({ code: 'card_unusable', details: [{ field: 'token' }] });
      expect((await read(customerId)).paymentSources).toHaveLength(1);
    });

    it('of another customer get nothing sent', async () => {
      const [mine, theirs] = [await create(), await create({ token: token() })];
      const id = theirs.paymentSources[0]?.paymentSourceId ?? '';
      const before = bed.main.calls.length;
      expect(await failure(bed.sources.remove(mine.customerId, id, shop))).toMatchObject({
        code: 'not_found',
      });
      const row = await bed.directory.get(mine.customerId, shop);
      expect(await failure(bed.directory.card(row, id))).toMatchObject({ code: 'card_unusable' });
      expect(bed.main.calls).toHaveLength(before);
    });

    it('lose one that the provider does not have any more', async () => {
      const { customerId, paymentSources } = await create({ token: token() });
      atMain(customerId).cards = [];
      await bed.sources.remove(customerId, paymentSources[0]?.paymentSourceId ?? '', shop);
      expect(await read(customerId)).toMatchObject({ paymentSources: [], version: 2 });
    });

    it('get one card for one Idempotency-Key, also when the first answer was lost', async () => {
      const { customerId } = await create();
      const dto = { token: token() };
      bed.main.answers = ['lost'];
      const first = bed.sources.add(customerId, dto, shop, 'key-1');
      expect(await failure(first)).toMatchObject({ code: 'unknown_outcome' });
      await bed.settle();
      const card = await bed.sources.add(customerId, dto, shop, 'key-1');
      expect((await bed.sources.list(customerId, shop)).data).toEqual([card]);
    });
  });

  describe('on a form for cards', () => {
    const open = async (dto: { customerId?: string; provider?: string } = {}) => {
      const { id, token: known, state } = await opened(await bed.tokens.open(dto, shop));
      return { id, known, state };
    };
    const opened = async (answer: unknown) => {
      expect(answer).toMatchObject({ checkoutId: expect.any(String), clientSecret: null });
      const setup = await bed.setups.find(detail({ details: answer }, 'setupId'));
      if (setup === undefined) throw new Error('no setup');
      expect(answer).toMatchObject({ url: `https://pay.example/cards/new?setup=${setup.id}` });
      return setup;
    };

    it('get one card, however often the form is finished', async () => {
      const { customerId } = await create();
      const { id, known } = await open({ customerId });
      const finish = () => bed.setups.finish(id, known ?? '');
      bed.main.asked = async () => {
        bed.main.forget();
        await finish();
      };
      const first = await finish();
      expect(await bed.setups.finish(id, token())).toEqual(first);
      expect(first.card).toMatchObject({ isDefault: true, customerId });
      expect(bed.main.calls.filter((call) => call === 'add_card')).toHaveLength(1);
    });

    it('get the card of a form whose answer was lost from the janitor', async () => {
      const { customerId } = await create();
      const { id } = await open({ customerId });
      bed.main.answers = ['lost'];
      expect(await failure(bed.setups.finish(id))).toMatchObject({ code: 'unknown_outcome' });
      await bed.settle();
      const { card } = await bed.setups.finish(id);
      expect((await read(customerId)).paymentSources).toMatchObject([{ paymentSourceId: card?.id }]);
    });

    it('get what the provider gave them itself, by the page or by its event', async () => {
      const { customerId } = await create({ provider: 'other' });
      const { id, known } = await open({ customerId });
      expect(known).toBeNull();
      expect(await failure(bed.setups.finish(id, token()))).toMatchObject({ code: 'transition_refused' });
      const card = savedCard();
      atOther(customerId).cards = [card];
      const { providerSetupId } = (await bed.setups.find(id)) ?? {};
      bed.other.filledIn.set(providerSetupId ?? '', card.providerSourceId);
      await bed.setups.finishAtProvider('other', providerSetupId ?? '', 'webhook:evt_1');
      const finished = await bed.setups.finish(id);
      expect(finished.card).toMatchObject({ providerSourceId: card.providerSourceId, isDefault: true });
      expect(bed.other.calls).not.toContain('add_card');
    });

    it('for nobody hand the token on', async () => {
      const { id, known } = await open();
      expect(await bed.setups.finish(id)).toMatchObject({ token: known });
      expect(await bed.setups.finish(id, token())).toMatchObject({ token: known });
      expect(bed.main.calls).toEqual(['create_card_setup']);
    });

    it('are told that it has expired, or never opened', async () => {
      bed.main.expiresInMs = -1;
      const { id } = await open();
      expect(await failure(bed.setups.finish(id))).toMatchObject({
        code: 'transition_refused',
        message: expect.stringContaining('expired'),
      });
      bed.main.answers = ['vanished'];
      const lost = detail(await failure(bed.tokens.open({}, shop)), 'setupId');
      expect(await failure(bed.setups.finish(lost))).toMatchObject({ code: 'transition_refused' });
      await bed.settle();
      expect(await bed.setups.find(lost)).toMatchObject({ state: 'open' });
    });

    it('are sent nowhere that is not allowed', async () => {
      const evil = bed.tokens.open({ successUrl: 'https://evil.example/ok' }, shop);
      expect(await failure(evil)).toMatchObject({ details: [{ field: 'successUrl' }] });
    });
  });
});

function found(kept: readonly FakeCustomer[], customerId: string): FakeCustomer {
  const one = kept.find((customer) => customer.customerId === customerId);
  if (one === undefined) throw new Error('the provider has no such customer');
  return one;
}

function failure(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => undefined,
    (caught: unknown) => caught,
  );
}

function detail(error: unknown, name: string): string {
  const details: unknown = typeof error === 'object' && error !== null && Reflect.get(error, 'details');
  return typeof details === 'object' && details !== null ? String(Reflect.get(details, name)) : '';
}

function idOf(card: unknown): unknown {
  return { paymentSourceId: detail({ details: card }, 'paymentSourceId') };
}
