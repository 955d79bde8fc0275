import { Injectable } from '@nestjs/common';
import { CustomerDirectory } from '../../customers/customer/customer.directory.js';
import { CustomerTruth } from '../../customers/customer/customer.truth.js';
import { Database, type Tx } from '../../database/database.js';
import type { Cause } from '../../kernel/cause.js';
import type { SubscriptionFact } from '../../providers/billing.facts.js';
import { PlanStore } from '../plan/plan.store.js';
import { PlansService } from '../plan/plans.service.js';
import type { NameBook } from '../subscription/subscription.changes.js';
import { type FactReferences, isSameCycle } from './subscription.reading.js';
import type { SubscriptionRow } from '../subscription/subscription.tables.js';

/** The plans and cards that a fact names by the provider's ids. */
@Injectable()
export class FactReferencesReader {
  constructor(
    private readonly database: Database,
    private readonly plans: PlanStore,
    private readonly plansService: PlansService,
    private readonly customers: CustomerDirectory,
    private readonly customerTruth: CustomerTruth,
  ) {}

  /**
   * Reads from the provider what a fact names and we do not have. Outside any transaction.
   * @throws ProviderError
   */
  async ensure(fact: SubscriptionFact, cause: Cause): Promise<void> {
    const { db } = this.database;
    const { provider, providerPlanId, providerSourceId, providerCustomerId } = fact;
    if ((await this.plans.byProviderPlan(db, provider, providerPlanId)) === undefined) {
      await this.plansService.ensure(provider, providerPlanId, cause);
    }
    if (providerSourceId === undefined) return;
    const known = await this.customers.cardByProviderId(db, provider, providerSourceId);
    if (known?.removedAt === null) return;
    const customer = await this.customers.byProviderCustomer(db, provider, providerCustomerId);
    if (customer !== undefined) await this.customerTruth.refresh(customer.id, provider, cause);
  }

  async knowsCustomer(provider: string, providerCustomerId: string): Promise<boolean> {
    const { db } = this.database;
    return (await this.customers.byProviderCustomer(db, provider, providerCustomerId)) !== undefined;
  }

  /** Undefined while the plan of a new one is not known. */
  async of(tx: Tx, row: SubscriptionRow, fact: SubscriptionFact): Promise<FactReferences | undefined> {
    const plan =
      (await this.plans.byProviderPlan(tx, fact.provider, fact.providerPlanId)) ??
      // That nobody can say what it is charged by now must not hide that it was charged, or has ended.
      (row.version > 0 ? await this.plans.byUid(tx, row.nextPlanUid ?? row.planUid) : undefined);
    if (plan === undefined) return undefined;
    const card =
      fact.providerSourceId === undefined
        ? undefined
        : await this.customers.cardByProviderId(tx, fact.provider, fact.providerSourceId);
    const present = isSameCycle(row, fact) ? await this.plans.byUid(tx, row.planUid) : undefined;
    // A card that the customer has no more is not charged, whatever still names it.
    const sourceId = card?.removedAt === null ? card.id : null;
    return { plan, runningPlan: present ?? plan, sourceId };
  }

  /** For events about the row as it is, and as it may become with one of these plans. */
  async names(
    tx: Tx,
    { planUid, nextPlanUid }: SubscriptionRow,
    providerCustomerId: string | null,
    more: readonly string[],
  ): Promise<NameBook> {
    const uids = new Set([planUid, ...(nextPlanUid === null ? [] : [nextPlanUid]), ...more]);
    const planIds = new Map<string, string>();
    for (const uid of uids) {
      const plan = await this.plans.byUid(tx, uid);
      if (plan !== undefined) planIds.set(uid, plan.id);
    }
    return { planIds, providerCustomerId };
  }
}
