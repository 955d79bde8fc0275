import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { Logger } from '@nestjs/common';
import { sql } from 'drizzle-orm';
import { fakePlanProvider } from '../../../test/support/domain/fake.plans.js';
import { FakeProvider } from '../../../test/support/domain/fake.provider.js';
import { TestClock } from '../../../test/support/domain/test.clock.js';
import { migratedDatabase, type MigratedDatabase } from '../../../test/support/outbox/migrated.database.js';
import { DatabaseClock, Installation } from '../../database/service.store.js';
import type { Database } from '../../database/database.js';
import type { Caller } from '../../http/access/caller.js';
import type { Applied } from '../../kernel/applied.js';
import { ServiceError } from '../../kernel/errors.js';
import { Ids } from '../../kernel/ids.js';
import { OperationExecutor } from '../../operations/operation.executor.js';
import { OperationHandlers } from '../../operations/operation.handler.js';
import { OperationStore } from '../../operations/operation.store.js';
import { OperationTurn } from '../../operations/operation.turn.js';
import { OutboxSignal } from '../../outbox/outbox.signal.js';
import type { PlanTerms } from '../../providers/billing.facts.js';
import { ProviderHealth, ProviderRegistry } from '../../providers/provider.registry.js';
import { PlanApplier, type PlanReading } from './plan.applier.js';
import type { NewPlan } from './plan.dto.js';
import { PlanOperations } from './plan.operations.js';
import { PlanStore } from './plan.store.js';
import { planResource } from './plan.view.js';
import { PlansService } from './plans.service.js';

const SHOP: Caller = { name: 'shop', group: 'shop', roles: ['service'], public: false };
const OTHER: Caller = { name: 'other', group: 'other', roles: ['service'], public: false };
const OPERATOR: Caller = { name: 'ops', group: 'ops', roles: ['operator'], public: false };

const TERMS: PlanTerms = {
  name: 'Gold',
  money: { amount: 77_700n, currency: 'MXN' },
  interval: 'month',
  frequency: 1,
  trialDays: 30,
  expiryCount: 6,
};

function request(changes: Partial<PlanTerms> = {}, provider?: string): NewPlan {
  return { planId: 'gold', terms: { ...TERMS, ...changes }, provider };
}

/** Two providers: `first` gives changed prices new ids and has no half months; `second` keeps our ids. */
class PlanBed {
  readonly first = fakePlanProvider('first', { newIdForAmount: true, lacksHalfMonth: true });
  readonly second = fakePlanProvider('second', { newIdForAmount: false, lacksHalfMonth: false });
  readonly clock: TestClock;
  readonly store = new PlanStore();
  readonly applier: PlanApplier;
  readonly plans: PlansService;
  private readonly operations = new OperationStore();
  private readonly executor: OperationExecutor;

  constructor(readonly database: Database) {
    this.clock = new TestClock(database);
    const ids = new Ids(this.clock);
    const routes = [{ currency: 'MXN', providers: ['first', 'fake', 'second'] }];
    const providers = new ProviderRegistry(
      [new FakeProvider(), this.first, this.second],
      { routes },
      new ProviderHealth(this.clock),
    );
    this.applier = new PlanApplier(
      this.store,
      this.operations,
      providers,
      new Installation('shop-test'),
      new DatabaseClock(database),
      ids,
    );
    const handlers = new OperationHandlers();
    new PlanOperations(handlers, providers, this.store, this.applier);
    this.executor = new OperationExecutor(database, this.operations, handlers);
    const turn = new OperationTurn(database, this.operations, this.executor, new OutboxSignal(), this.clock);
    this.plans = new PlansService(database, this.store, this.applier, this.operations, providers, turn, ids);
  }

  /** As a webhook's worker does, a second later. */
  async hear(provider: string, providerPlanId: string): Promise<Applied> {
    await this.clock.advance(1);
    return this.apply(await this.applier.read(provider, providerPlanId));
  }

  apply(reading: PlanReading): Promise<Applied> {
    return this.database.transaction((tx) => this.applier.apply(tx, reading, 'webhook:evt_test'));
  }

  /** As the janitor does, once what was left can be taken up. */
  async settle(): Promise<void> {
    await this.clock.advance(60);
    for (const operation of await this.operations.claimAbandoned(this.database.db, 10))
      await this.executor.execute(operation, 'janitor');
  }

  async view(planId = 'gold') {
    return planResource(await this.plans.get(planId, OPERATOR));
  }
}

describe('a plan', () => {
  let home: MigratedDatabase;
  let bed: PlanBed;
  beforeAll(async () => {
    Logger.overrideLogger(false);
    home = await migratedDatabase();
  });
  afterAll(() => home.drop());
  beforeEach(async () => {
    await home.database.db.execute(sql`truncate plans, plan_prices, provider_operations`);
    bed = new PlanBed(home.database);
    await bed.clock.advance(0);
  });

  const create = (asked = request(), caller = SHOP) => bed.plans.create(asked, caller);
  const refusalOf = async (work: Promise<unknown>): Promise<ServiceError> => {
    const error: unknown = await work.catch((caught: unknown) => caught);
    if (!(error instanceof ServiceError)) throw new Error('was not refused');
    return error;
  };

  it('T3r of another installation is neither imported nor taken for ours of the same name', async () => {
    await create();
    const ours = await bed.view();
    const price = `price_${randomUUID()}`;
    const theirs = {
      kind: 'plan',
      provider: 'first',
      livemode: false,
      installationId: 'shop-staging',
      providerPlanId: price,
      planId: 'gold',
      terms: {
        name: 'Theirs',
        money: { amount: 1n, currency: 'MXN' },
        interval: 'week',
        frequency: 1,
        trialDays: 0,
      },
      deleted: false,
    } as const;
    const reading = { provider: 'first', providerPlanId: price, fact: theirs, readFrom: new Date() };
    expect(await bed.apply(reading)).toEqual({ kind: 'ignored', reason: 'other_installation' });
    expect(await bed.view()).toEqual(ours);
    const { data } = await bed.plans.list({}, OPERATOR);
    expect(data.map(({ planId }) => planId)).toEqual(['gold']);
  });

  it('is made once at its provider, and is not active before that', async () => {
    let meanwhile: unknown;
    bed.first.plans.meanwhile = async () => void (meanwhile = await bed.view());
    const all = await Promise.all(Array.from({ length: 5 }, () => create()));
    expect(all.filter(({ created }) => created)).toHaveLength(1);
    expect(bed.first.plans.calls).toEqual(['create_plan']);
    expect(meanwhile).toMatchObject({ planId: 'gold', active: false, providerIds: { plan: null } });
    expect(await bed.view()).toMatchObject({
      provider: 'first',
      amount: 77_700,
      currency: 'MXN',
      trialDays: 30,
      expiryCount: 6,
      maxRetries: null,
      providerIds: { plan: 'price_1', product: 'product_gold' },
      active: true,
    });
  });

  it('is not made again with other terms, at another provider or by somebody else', async () => {
    await create();
    const money = { amount: 100n, currency: 'MXN' };
    expect(await refusalOf(create(request({ money, expiryCount: undefined })))).toMatchObject({
      code: 'plan_exists',
      details: { planId: 'gold', differences: ['amount', 'expiryCount'] },
    });
    expect(await refusalOf(create(request({}, 'second')))).toMatchObject({
      details: { differences: ['provider'] },
    });
    expect(await refusalOf(create(request(), OTHER))).toMatchObject({
      code: 'plan_exists',
      details: { differences: [] },
    });
    expect((await refusalOf(bed.plans.get('gold', OTHER))).code).toBe('not_found');
    expect(bed.first.plans.calls).toHaveLength(1);
  });

  it('that one provider does not have goes to the next, unless it is asked for there', async () => {
    const halfMonth = { interval: 'half_month' } as const;
    await create(request(halfMonth));
    expect(await bed.view()).toMatchObject({ provider: 'second', providerIds: { plan: 'gold' } });
    const wished = { ...request(halfMonth, 'first'), planId: 'silver' };
    expect(await refusalOf(create(wished))).toMatchObject({
      code: 'capability_not_supported',
      details: [{ field: 'interval' }],
    });
    expect(await refusalOf(create({ ...wished, provider: 'fake' }))).toMatchObject({
      code: 'capability_not_supported',
      details: [{ field: 'provider' }],
    });
    expect(await bed.store.byId(home.database.db, 'silver')).toBeUndefined();
  });

  it('that its provider refuses leaves its id free', async () => {
    bed.first.plans.answers = ['invalid_request'];
    expect((await refusalOf(create())).code).toBe('provider_rejected');
    expect((await create(request({ trialDays: 0 }))).created).toBe(true);
  });

  it('whose answer is lost is found by the janitor, whatever is heard in between', async () => {
    bed.first.plans.answers = ['lost'];
    expect(await refusalOf(create())).toMatchObject({
      code: 'unknown_outcome',
      details: { planId: 'gold' },
    });
    expect(await bed.hear('first', 'price_1')).toMatchObject({ kind: 'parked' });
    expect(await bed.plans.ensure('first', 'price_1', 'janitor')).toBeUndefined();
    expect((await refusalOf(bed.plans.active('gold', SHOP))).code).toBe('not_found');
    await bed.settle();
    expect(await bed.view()).toMatchObject({ active: true, providerIds: { plan: 'price_1' } });
    expect(await bed.hear('first', 'price_1')).toMatchObject({ kind: 'stale' });
    expect(bed.first.plans.kept.size).toBe(1);
  });

  it('whose answer was lost is finished by whoever asks for it again', async () => {
    bed.first.plans.answers = ['vanished'];
    await refusalOf(create());
    await bed.clock.advance(60);
    expect(await create()).toMatchObject({ created: true, plan: { providerPlanId: 'price_1' } });
  });

  it('with another amount may have a new id, and is still found by the old one', async () => {
    const { plan } = await create();
    let heard: unknown;
    bed.first.plans.meanwhile = async () => void (heard = await bed.hear('first', 'price_1'));
    const changed = await bed.plans.update('gold', { amount: 80_000, name: 'Oro' }, SHOP);
    expect(planResource(changed)).toMatchObject({
      name: 'Oro',
      amount: 80_000,
      active: true,
      providerIds: { plan: 'price_2', product: 'product_gold' },
    });
    // The old price was archived before the answer was here.
    expect(heard).toEqual({ kind: 'parked', reason: 'operation_under_way' });
    expect(await bed.hear('first', 'price_1')).toMatchObject({ kind: 'stale' });
    for (const id of ['price_1', 'price_2'])
      expect((await bed.plans.ensure('first', id, 'janitor'))?.uid).toBe(plan.uid);
    expect(await bed.view()).toMatchObject({ active: true });
  });

  it('is not changed where nothing is another, or where its provider cannot', async () => {
    await create();
    expect(planResource(await bed.plans.update('gold', { amount: 77_700 }, SHOP))).toMatchObject({
      active: true,
    });
    expect(await refusalOf(bed.plans.update('gold', { frequency: 2 }, SHOP))).toMatchObject({
      code: 'capability_not_supported',
      details: [{ field: 'frequency' }],
    });
    expect((await refusalOf(bed.plans.update('gold', { name: 'Oro' }, OTHER))).code).toBe('not_found');
    expect(bed.first.plans.calls).toEqual(['create_plan']);
  });

  it('follows what is done in the provider’s panel', async () => {
    await create(request({}, 'second'));
    const terms = { ...TERMS, name: 'Changed', money: { amount: 5n, currency: 'MXN' } };
    bed.second.plans.put('gold', { terms });
    expect(await bed.hear('second', 'gold')).toMatchObject({ kind: 'applied' });
    expect(await bed.view()).toMatchObject({ name: 'Changed', amount: 5, active: true });
    bed.second.plans.put('gold', { terms, deleted: true });
    await bed.hear('second', 'gold');
    expect(await bed.view()).toMatchObject({ active: false });
    bed.second.plans.put('gold', { terms });
    await bed.hear('second', 'gold');
    expect(await bed.view()).toMatchObject({ active: true });
    bed.second.plans.kept.clear();
    await bed.hear('second', 'gold');
    expect(await bed.view()).toMatchObject({ active: false });
    expect(bed.second.plans.calls).toEqual(['create_plan']);
  });

  it('that was made in a panel gets a row, once, under an id that is free', async () => {
    await create();
    bed.second.plans.put('gold', { terms: { ...TERMS, name: 'Theirs' } });
    bed.second.plans.put('old', { terms: TERMS, deleted: true });
    const applied = await Promise.all([bed.hear('second', 'gold'), bed.hear('second', 'gold')]);
    expect(applied.filter(({ kind }) => kind === 'applied')).toHaveLength(1);
    expect(await bed.hear('second', 'old')).toMatchObject({ kind: 'ignored' });
    expect((await bed.plans.ensure('second', 'old', 'janitor'))?.id).toBe('old');
    expect(await bed.plans.ensure('second', 'nothing', 'janitor')).toBeUndefined();
    const { data } = await bed.plans.list({}, SHOP);
    expect(data.map(({ planId, name }) => [planId, name])).toEqual([
      ['second:gold', 'Theirs'],
      ['gold', 'Gold'],
    ]);
    expect(await bed.view('old')).toMatchObject({ active: false });
  });

  it('keeps what was read last, when an older reading comes late', async () => {
    await create(request({}, 'second'));
    const older = await bed.applier.read('second', 'gold');
    bed.second.plans.put('gold', { terms: { ...TERMS, name: 'Newer' } });
    await bed.hear('second', 'gold');
    expect(await bed.apply(older)).toEqual({ kind: 'parked', reason: 'read_overtaken' });
    expect(await bed.view()).toMatchObject({ name: 'Newer' });
  });

  it('that is deleted can be read, and its id be given again', async () => {
    const { plan } = await create(request({}, 'second'));
    expect((await refusalOf(bed.plans.delete('gold', OTHER))).code).toBe('not_found');
    for (let time = 0; time < 2; time += 1)
      expect(planResource(await bed.plans.delete('gold', SHOP))).toMatchObject({ active: false });
    expect(bed.second.plans.calls).toEqual(['create_plan', 'delete_plan']);
    expect(await bed.plans.list({}, SHOP)).toEqual({ data: [], nextCursor: null });
    const again = await create(request({}, 'second'));
    expect(again.plan.uid).not.toBe(plan.uid);
    expect((await bed.plans.ensure('second', 'gold', 'janitor'))?.uid).toBe(again.plan.uid);
    expect(await bed.view()).toMatchObject({ active: true });
  });

  it('that its provider has lost already is deleted', async () => {
    await create(request({}, 'second'));
    bed.second.plans.kept.clear();
    expect(planResource(await bed.plans.delete('gold', SHOP))).toMatchObject({ active: false });
  });

  it('is listed newest first, page by page', async () => {
    for (const planId of ['a', 'b', 'c']) {
      await create({ ...request({}, 'second'), planId });
      await bed.clock.advance(1);
    }
    const first = await bed.plans.list({ provider: 'second', limit: 2 }, SHOP);
    expect(first.data.map(({ planId }) => planId)).toEqual(['c', 'b']);
    const rest = await bed.plans.list({ limit: 2, cursor: first.nextCursor ?? '' }, SHOP);
    expect(rest).toMatchObject({ data: [{ planId: 'a' }], nextCursor: null });
    expect((await bed.plans.list({}, OTHER)).data).toEqual([]);
  });
});
