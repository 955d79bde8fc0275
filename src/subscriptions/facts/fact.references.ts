import { Injectable } from '@nestjs/common';
import { CardStore } from '../../customers/customer/card.store.js';
import { CustomerStore } from '../../customers/customer/customer.store.js';
import { CustomerTruth } from '../../customers/customer/customer.truth.js';
import { Database } from '../../database/database.js';
import type { Cause } from '../../kernel/applied.js';
import { billedFor, type SubscriptionFact, type SubscriptionItem } from '../../providers/billing.facts.js';
import { MADE_AT_PROVIDER } from '../plan/plan.js';
import { PlanStore } from '../plan/plan.store.js';
import { PlansService } from '../plan/plans.service.js';
import { SubscriptionStore } from '../subscription/subscription.store.js';
import type { PlanRow } from '../plan/plan.tables.js';
import type { SubscriptionRow } from '../subscription/subscription.tables.js';

/** The plans and cards that a fact names by the provider's ids. */
@Injectable()
export class FactReferencesReader {
  constructor(
    private readonly database: Database,
    private readonly plans: PlanStore,
    private readonly plansService: PlansService,
    private readonly customers: CustomerStore,
    private readonly cards: CardStore,
    private readonly customerTruth: CustomerTruth,
    private readonly subscriptions: SubscriptionStore,
  ) {}

  /**
   * Reads from the provider what a fact names and we do not have. Outside any transaction. Resolves to the fact, with
   * the plan chosen among its items.
   * @throws ProviderError
   */
  async ensure(told: SubscriptionFact, cause: Cause): Promise<SubscriptionFact> {
    const { db } = this.database;
    const { items } = told;
    const fact = items === undefined ? told : chargedBy(told, await this.planItem(told, items));
    const { provider, providerPlanId, providerSourceId, providerCustomerId } = fact;
    if (providerPlanId !== '') await this.plansService.ensure(provider, providerPlanId, cause);
    if (providerSourceId === undefined) return fact;
    const known = await this.cards.findByProviderId(db, provider, providerSourceId);
    if (known?.removedAt === null) return fact;
    const customer = await this.customers.findByProviderCustomer(db, provider, providerCustomerId);
    if (customer !== undefined) await this.customerTruth.refresh(customer.id, provider);
    return fact;
  }

  /**
   * The item that is the plan: the one that we have marked, of the plan that we have for the subscription, or the only
   * one of a plan that was made here; for a subscription that we do not have yet, also the only one that is known here.
   * Undefined: nobody can say.
   */
  private async planItem(
    { provider, subscriptionId, providerSubscriptionId }: SubscriptionFact,
    items: readonly SubscriptionItem[],
  ): Promise<SubscriptionItem | undefined> {
    const marked = items.find(({ isPlan }) => isPlan);
    if (marked !== undefined) return marked;
    const { db } = this.database;
    const row =
      (await this.subscriptions.byProviderSubscription(db, provider, providerSubscriptionId)) ??
      (subscriptionId === undefined ? undefined : await this.subscriptions.byId(db, subscriptionId));
    const known: { item: SubscriptionItem; plan: PlanRow }[] = [];
    for (const item of items) {
      const plan = await this.plans.byProviderPlan(db, provider, item.providerPlanId);
      if (plan !== undefined) known.push({ item, plan });
    }
    const own = [row?.nextPlanUid, row?.planUid].flatMap(
      (uid) => known.find(({ plan }) => plan.uid === uid) ?? [],
    );
    const ours = known.filter(({ plan }) => plan.caller !== MADE_AT_PROVIDER);
    // Which panel's prices are known depends on whose event came first: they must not move a plan that we have.
    const [only] = [ours, row === undefined ? known : []].filter(({ length }) => length === 1).flat();
    return (own[0] ?? only)?.item;
  }

  /** The provider's id of the plan that the next cycle is charged by; empty where it has none. */
  async planIdOf({ planUid, nextPlanUid }: SubscriptionRow): Promise<string> {
    return (await this.plans.byUid(this.database.db, nextPlanUid ?? planUid))?.providerPlanId ?? '';
  }

  async knowsCustomer(provider: string, providerCustomerId: string): Promise<boolean> {
    const { db } = this.database;
    return (await this.customers.findByProviderCustomer(db, provider, providerCustomerId)) !== undefined;
  }
}

/** The fact with this one of its items as the plan; without one, with no plan that could be named. */
function chargedBy(fact: SubscriptionFact, item: SubscriptionItem | undefined): SubscriptionFact {
  if (item === undefined) return { ...fact, providerPlanId: '' };
  const { providerPlanId, periodStart, periodEnd } = item;
  const isRunning = fact.status !== 'in_trial';
  return {
    ...fact,
    providerPlanId,
    periodStart: isRunning ? periodStart : undefined,
    periodEnd: isRunning ? periodEnd : undefined,
    periods: fact.periods.map((period) => {
      const { spans = [], offCycle } = period;
      if (offCycle === true || spans.length === 0) return period;
      // Of items of several lengths, an add-on may be billed alone.
      const isIts = spans.some(
        (span) =>
          span.itemId === item.itemId ||
          span.providerPlanId === providerPlanId ||
          span.start?.getTime() === periodStart?.getTime(),
      );
      return { ...period, ...billedFor(spans, item), ...(!isIts && { offCycle: true }) };
    }),
  };
}
