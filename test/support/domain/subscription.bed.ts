import { randomUUID } from 'node:crypto';
import { Test, type TestingModule } from '@nestjs/testing';
import { and, asc, eq } from 'drizzle-orm';
import { SettingsModule } from '../../../src/config/settings.module.js';
import { SubscriptionSettings } from '../../../src/config/settings.js';
import {
  customerAccounts,
  customers,
  paymentSources,
} from '../../../src/customers/customer/customer.tables.js';
import { SourcesService } from '../../../src/customers/card/sources.service.js';
import { Database } from '../../../src/database/database.js';
import { DatabaseModule } from '../../../src/database/database.module.js';
import type { Caller } from '../../../src/http/access/caller.js';
import { HttpModule } from '../../../src/http/http.module.js';
import type { Applied } from '../../../src/kernel/applied.js';
import { Clock } from '../../../src/kernel/clock.js';
import { KernelModule } from '../../../src/kernel/kernel.module.js';
import { OperationExecutor } from '../../../src/operations/operation.executor.js';
import { OperationStore } from '../../../src/operations/operation.store.js';
import { OpsModule } from '../../../src/ops/ops.module.js';
import { outbox } from '../../../src/outbox/outbox.tables.js';
import { PaymentFacts } from '../../../src/payments/facts/payment.facts.js';
import type { PaymentRow } from '../../../src/payments/payment/payment.tables.js';
import { PaymentsService } from '../../../src/payments/payment/payments.service.js';
import { SessionService } from '../../../src/payments/session/session.service.js';
import type { BillingSubject, PlanTerms, SubscriptionSubject } from '../../../src/providers/billing.facts.js';
import type { CustomersPort } from '../../../src/providers/billing.ports.js';
import type { Fact } from '../../../src/providers/facts.js';
import type { Capability, OptionalParts } from '../../../src/providers/provider.port.js';
import { ProviderHealth, ProviderRegistry } from '../../../src/providers/provider.registry.js';
import { type BillingReading, BillingTruth } from '../../../src/subscriptions/facts/billing.truth.js';
import { SubscriptionFacts } from '../../../src/subscriptions/facts/subscription.facts.js';
import { columnsOf } from '../../../src/subscriptions/plan/plan.js';
import { planPrices, type PlanRow, plans } from '../../../src/subscriptions/plan/plan.tables.js';
import {
  subscriptionPeriods,
  type SubscriptionRow,
  subscriptions,
  subscriptionTransitions,
} from '../../../src/subscriptions/subscription/subscription.tables.js';
import { SubscriptionRound } from '../../../src/janitor/janitor.rounds.js';
import { SubscriptionStore } from '../../../src/subscriptions/subscription/subscription.store.js';
import { SubscriptionTruth } from '../../../src/subscriptions/facts/subscription.truth.js';
import { SubscriptionDirectory } from '../../../src/subscriptions/command/subscription.directory.js';
import { SubscriptionsHttpController } from '../../../src/subscriptions/subscriptions.http.controller.js';
import { SubscriptionsService } from '../../../src/subscriptions/command/subscriptions.service.js';
import { SubscriptionsModule } from '../../../src/subscriptions/subscriptions.module.js';
import { sessionRequest } from './requests.js';
import { FakeCustomers, savedCard } from './fake.customers.js';
import { FakePlans } from './fake.plans.js';
import { FAKE, FakeProvider } from './fake.provider.js';
import { FakeSubscriptions } from './fake.subscriptions.js';
import { TestClock } from './test.clock.js';

export const SHOP: Caller = { name: 'shop', group: 'shop', roles: ['service'], public: false };
export const OPERATOR: Caller = { name: 'operator', group: 'operator', roles: ['operator'], public: false };

const TERMS: PlanTerms = {
  name: 'Gold',
  money: { amount: 77_700n, currency: 'MXN' },
  interval: 'month',
  frequency: 1,
  trialDays: 0,
  maxRetries: 3,
  retryDelayHours: 50,
};

/** A provider in memory with customers, plans and subscriptions. */
export class FakeBillingProvider
  extends FakeProvider
  implements
    Pick<OptionalParts, 'customers'>,
    Pick<OptionalParts, 'plans'>,
    Pick<OptionalParts, 'subscriptions'>
{
  override capabilities = new Set<Capability>();
  readonly people = new FakeCustomers(FAKE);
  readonly customers: CustomersPort = this.people.customers;
  readonly plans = new FakePlans(FAKE, { newIdForAmount: false, lacksHalfMonth: false });
  readonly subscriptions = new FakeSubscriptions(FAKE, (id) => {
    const plan = this.plans.kept.get(id);
    if (plan === undefined) throw new Error(`no plan ${id}`);
    return plan.terms;
  });
}

/** A customer with a card, here and at the provider. */
export interface BedCustomer {
  id: string;
  account: string;
  cardId: string;
  cardAtProvider: string;
}

/** The subscriptions' room, wired as in the application, around a provider in memory. */
export class SubscriptionBed {
  private constructor(
    readonly database: Database,
    readonly clock: TestClock,
    readonly provider: FakeBillingProvider,
    readonly settings: { multiple: boolean },
    private readonly module: TestingModule,
  ) {}

  /** @param provider of another bed, too, where two databases hear of the same. */
  static async start(database: Database, provider = new FakeBillingProvider()): Promise<SubscriptionBed> {
    const environment = {
      NODE_ENV: 'test',
      PUBLIC_URL: 'https://pay.example',
      DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none',
      NATS_SERVERS: 'nats://127.0.0.1:1',
      STRIPE_SECRET: 'sk_test_nobody',
      STRIPE_ENDPOINT_SECRET: 'whsec_nobody',
    };
    const settings = { multiple: false };
    const clock = new TestClock(database);
    const registry = new ProviderRegistry([provider], { routes: [] }, new ProviderHealth(clock));
    const module = await Test.createTestingModule({
      imports: [
        KernelModule,
        SettingsModule.register(environment),
        DatabaseModule,
        OpsModule,
        HttpModule,
        SubscriptionsModule,
      ],
    })
      .overrideProvider(Database)
      .useValue(database)
      .overrideProvider(Clock)
      .useValue(clock)
      .overrideProvider(SubscriptionSettings)
      .useValue(settings)
      .overrideProvider(ProviderRegistry)
      .useValue(registry)
      .compile();
    await clock.advance(0);
    return new SubscriptionBed(database, clock, provider, settings, module);
  }

  get at(): FakeSubscriptions {
    return this.provider.subscriptions;
  }

  get service(): SubscriptionsService {
    return this.module.get(SubscriptionsService);
  }

  get endpoint(): SubscriptionsHttpController {
    return this.module.get(SubscriptionsHttpController);
  }

  get payments(): PaymentsService {
    return this.module.get(PaymentsService);
  }

  get directory(): SubscriptionDirectory {
    return this.module.get(SubscriptionDirectory);
  }

  get billing(): BillingTruth {
    return this.module.get(BillingTruth);
  }

  get facts(): SubscriptionFacts {
    return this.module.get(SubscriptionFacts);
  }

  get truth(): SubscriptionTruth {
    return this.module.get(SubscriptionTruth);
  }

  get sources(): SourcesService {
    return this.module.get(SourcesService, { strict: false });
  }

  /** Its customers, cards and plans are those of another bed, too. */
  async shareWith({ database: { db } }: SubscriptionBed): Promise<void> {
    for (const table of [customers, customerAccounts, paymentSources, plans, planPrices]) {
      const rows = await this.database.db.select().from(table);
      await db.insert(table).values(rows).onConflictDoNothing();
    }
  }

  /** What a webhook says of a payment. */
  tell(fact: Fact): Promise<Applied> {
    const facts = this.module.get(PaymentFacts, { strict: false });
    return this.database.transaction((tx) => facts.apply(tx, fact, 'webhook:evt_test'));
  }

  /** A checkout session of the order, as the shop asks for it. */
  openSession(orderId: string): Promise<PaymentRow> {
    this.provider.capabilities.add('hosted_checkout');
    return this.module.get(SessionService, { strict: false }).open(sessionRequest({ orderId }), SHOP);
  }

  /** How often the stream is told that the order was paid. */
  paidEvents(orderId: string): Promise<number> {
    const told = and(eq(outbox.subject, 'payments.events.payment.succeeded'), eq(outbox.orderId, orderId));
    return this.database.db.$count(outbox, told);
  }

  /** A plan that the provider has. */
  async plan(changes: Partial<PlanTerms> = {}): Promise<PlanRow> {
    const id = `plan-${randomUUID()}`;
    const terms = { ...TERMS, ...changes };
    this.provider.plans.put(id, { terms });
    const row = { id, provider: FAKE, livemode: false, providerPlanId: id, caller: SHOP.name };
    const { db } = this.database;
    const [plan] = await db
      .insert(plans)
      .values({ ...row, uid: randomUUID(), ...columnsOf(terms) })
      .returning();
    if (plan === undefined) throw new Error('no plan');
    await db.insert(planPrices).values({ provider: FAKE, providerPlanId: id, planUid: plan.uid });
    return plan;
  }

  async customer(): Promise<BedCustomer> {
    const [id, cardId] = [randomUUID(), randomUUID()];
    const card = savedCard();
    const account = `cus_${id}`;
    const { db } = this.database;
    await db.insert(customers).values({ id, provider: FAKE, metadata: {}, caller: SHOP.name, version: 1 });
    const at = { customerId: id, provider: FAKE };
    await db.insert(customerAccounts).values({ ...at, livemode: false, providerCustomerId: account });
    const { providerSourceId } = card;
    await db
      .insert(paymentSources)
      .values({ id: cardId, ...at, providerSourceId, isDefault: true, blocked: false });
    const kept = { providerCustomerId: account, customerId: id, deleted: false, metadata: {} };
    this.provider.people.kept.push({ ...kept, cards: [card], defaultCardId: providerSourceId });
    return { id, account, cardId, cardAtProvider: providerSourceId };
  }

  /** As a webhook's worker does: reads, and then applies in one transaction. */
  async hear(subject: SubscriptionSubject): Promise<Applied> {
    return this.apply(await this.read(subject));
  }

  read(subject: BillingSubject): Promise<BillingReading | undefined> {
    return this.billing.read(FAKE, subject, 'webhook:evt_test');
  }

  async hearCustomer(providerCustomerId: string): Promise<Applied> {
    return this.apply(await this.read({ kind: 'customer', providerCustomerId }));
  }

  async apply(reading: BillingReading | undefined): Promise<Applied> {
    if (reading === undefined) return { kind: 'ignored', reason: 'none of ours' };
    const cause = `webhook:evt_${randomUUID()}`;
    const [applied] = await this.database.transaction((tx) => this.billing.apply(tx, reading, cause));
    if (applied === undefined) throw new Error('nothing was applied');
    return applied;
  }

  /** Every event that was not heard of before, in order; each is read once more while it has to wait. */
  async hearAll(): Promise<void> {
    for (const event of this.at.events.splice(0)) {
      for (let left = 5; left > 0 && (await this.hear(event)).kind === 'parked'; left -= 1);
    }
  }

  /** As the janitor does, when every lease has run out. */
  async settle(): Promise<void> {
    await this.clock.advance(60);
    const operations = await this.module.get(OperationStore).claimAbandoned(this.database.db, 10);
    for (const operation of operations)
      await this.module.get(OperationExecutor).execute(operation, 'janitor');
  }

  /** As the janitor does, with all that is due. What the provider has forgotten is left as it is. */
  async check(): Promise<void> {
    const round = new SubscriptionRound(this.database, this.module.get(SubscriptionStore), this.truth);
    while ((await round.run(FAKE)) > 0);
  }

  async row(id: string): Promise<SubscriptionRow> {
    const [row] = await this.database.db.select().from(subscriptions).where(eq(subscriptions.id, id));
    if (row === undefined) throw new Error(`no subscription ${id}`);
    return row;
  }

  rowsOf(customerId: string): Promise<SubscriptionRow[]> {
    return this.database.db.select().from(subscriptions).where(eq(subscriptions.customerId, customerId));
  }

  periods(id: string) {
    return this.database.db
      .select()
      .from(subscriptionPeriods)
      .where(eq(subscriptionPeriods.subscriptionId, id));
  }

  transitions(id: string) {
    return this.database.db
      .select()
      .from(subscriptionTransitions)
      .where(eq(subscriptionTransitions.subscriptionId, id))
      .orderBy(asc(subscriptionTransitions.version));
  }

  /** What the world was told of one subscription or payment, oldest first. */
  async events(key: string): Promise<Record<string, unknown>[]> {
    const rows = await this.database.db
      .select()
      .from(outbox)
      .where(eq(outbox.key, key))
      .orderBy(asc(outbox.seq));
    return rows.filter(({ channel }) => channel === 'stream').map(({ body }) => JSON.parse(body).data);
  }

  async eventTypes(key: string): Promise<string[]> {
    return (await this.events(key)).map(({ type }) => String(type).replace(/^subscription\./, ''));
  }

  /** How often the orders service is told that an order is paid. */
  toldOrders(orderId: string): Promise<number> {
    const told = and(eq(outbox.channel, 'orders'), eq(outbox.orderId, orderId));
    return this.database.db.$count(outbox, told);
  }
}
