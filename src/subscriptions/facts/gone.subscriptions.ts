import { Injectable } from '@nestjs/common';
import { CustomerTruth } from '../../customers/customer/customer.truth.js';
import { Database } from '../../database/database.js';
import type { SubscriptionFact } from '../../providers/billing.facts.js';
import { ProviderError } from '../../providers/provider.errors.js';
import { PlanStore } from '../plan/plan.store.js';
import type { KnownSubject } from './known.subscriptions.js';
import type { SubscriptionRow } from '../subscription/subscription.tables.js';

/** What is left to say of subscriptions whose provider forgets them together with their customer. */
@Injectable()
export class GoneSubscriptions {
  constructor(
    private readonly database: Database,
    private readonly customers: CustomerTruth,
    private readonly plans: PlanStore,
  ) {}

  /**
   * Undefined for one that we never had.
   * @param error why it could not be read.
   * @throws the error, unless its customer is gone.
   */
  async factOf({ subject, row }: KnownSubject, provider: string, error: unknown) {
    if (!(error instanceof ProviderError) || error.kind !== 'not_found') throw error;
    const { providerCustomerId } = subject;
    const { fact: customer } = await this.customers.read(provider, providerCustomerId);
    if (!customer.deleted) throw error;
    return row && this.ended(row, providerCustomerId);
  }

  private async ended(row: SubscriptionRow, providerCustomerId: string): Promise<SubscriptionFact> {
    const plan = await this.plans.byUid(this.database.db, row.nextPlanUid ?? row.planUid);
    const { provider, livemode, providerSubscriptionId, createdAt } = row;
    return {
      kind: 'subscription',
      provider,
      livemode,
      providerSubscriptionId: providerSubscriptionId ?? '',
      providerCustomerId,
      status: 'canceled',
      cancelReason: row.cancelReason ?? 'requested',
      providerPlanId: plan?.providerPlanId ?? '',
      createdAt,
      trialEnd: row.trialEnd ?? undefined,
      periodStart: row.periodStart ?? undefined,
      periodEnd: row.periodEnd ?? undefined,
      cancelAtPeriodEnd: row.cancelAtPeriodEnd,
      canceledAt: row.canceledAt ?? undefined,
      periods: [],
    };
  }
}
