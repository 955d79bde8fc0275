import { Injectable } from '@nestjs/common';
import { CustomerTruth } from '../../customers/customer/customer.truth.js';
import { DatabaseClock } from '../../database/service.store.js';
import { Database } from '../../database/database.js';
import type { Cause } from '../../kernel/applied.js';
import type { SubscriptionFact, SubscriptionSubject } from '../../providers/billing.facts.js';
import type { CompleteSubject } from '../../providers/billing.ports.js';
import { ProviderError } from '../../providers/provider.errors.js';
import { ProviderRegistry } from '../../providers/provider.registry.js';
import { PeriodStore } from '../cycle/period.store.js';
import type { SubscriptionReading } from '../subscription/subscription.js';
import { SubscriptionStore } from '../subscription/subscription.store.js';
import type { SubscriptionRow } from '../subscription/subscription.tables.js';
import { FactReferencesReader } from './fact.references.js';

/** Cycles that are read again because they were not paid when they were read last. */
const UNPAID = 3;

/** Reads subscriptions at their provider, with the plans and cards that they name. */
@Injectable()
export class SubscriptionReader {
  constructor(
    private readonly database: Database,
    private readonly clock: DatabaseClock,
    private readonly providers: ProviderRegistry,
    private readonly subscriptions: SubscriptionStore,
    private readonly periods: PeriodStore,
    private readonly references: FactReferencesReader,
    private readonly customers: CustomerTruth,
  ) {}

  /** Undefined for a subscription that is none of ours. @throws ProviderError when the provider cannot be asked. */
  async read(
    provider: string,
    told: SubscriptionSubject,
    cause: Cause,
  ): Promise<SubscriptionReading | undefined> {
    const { subscriptions } = this.providers.with(provider, 'subscriptions');
    const { db } = this.database;
    const row = await this.subscriptions.byProviderSubscription(db, provider, told.providerSubscriptionId);
    const subject = await this.complete(provider, told, row);
    if (subject === undefined) return undefined;
    const readFrom = await this.clock.now();
    const fact = await subscriptions.retrieve(subject).catch(async (error: unknown) => {
      await this.assertGone(provider, subject, error);
      return row && this.ended(row, subject);
    });
    if (fact === undefined) return undefined;
    return { fact: await this.references.ensure(fact, cause), readFrom, trialEnding: told.trialEnding };
  }

  /** Undefined while the provider has not made it. @throws ProviderError */
  async readOwn(id: string, cause: Cause): Promise<SubscriptionReading | undefined> {
    const row = await this.subscriptions.byId(this.database.db, id);
    if (row === undefined || row.providerSubscriptionId === null) return undefined;
    const { provider, providerSubscriptionId } = row;
    const subject = {
      kind: 'subscription',
      providerSubscriptionId,
      periodIds: [],
      trialEnding: false,
    } as const;
    return this.read(provider, subject, cause);
  }

  /** All that is to be read of it. Undefined for a subscription that is none of ours. */
  private async complete(
    provider: string,
    told: SubscriptionSubject,
    row: SubscriptionRow | undefined,
  ): Promise<CompleteSubject | undefined> {
    const { db } = this.database;
    const providerCustomerId =
      told.providerCustomerId ?? (row && (await this.subscriptions.providerCustomerOf(db, row.id)));
    if (providerCustomerId === undefined) return undefined;
    const subject = { ...told, providerCustomerId };
    if (row === undefined)
      return (await this.references.knowsCustomer(provider, providerCustomerId)) ? subject : undefined;
    const periodIds = new Set([...told.periodIds, ...(await this.periods.unpaid(db, row.id, UNPAID))]);
    return { ...subject, periodIds: [...periodIds], since: await this.periods.unheardSince(db, row) };
  }

  /** Providers forget subscriptions together with their customer. @throws the error, unless its customer is gone. */
  private async assertGone(provider: string, subject: CompleteSubject, error: unknown): Promise<void> {
    if (!(error instanceof ProviderError) || error.kind !== 'not_found') throw error;
    const { fact } = await this.customers.read(provider, subject.providerCustomerId);
    if (!fact.deleted) throw error;
  }

  /** What is left to say of one whose customer is gone. */
  private async ended(
    row: SubscriptionRow,
    { providerCustomerId, providerSubscriptionId }: CompleteSubject,
  ): Promise<SubscriptionFact> {
    const { provider, livemode, cancelAtPeriodEnd, createdAt } = row;
    return {
      kind: 'subscription',
      provider,
      livemode,
      providerSubscriptionId,
      providerCustomerId,
      status: 'canceled',
      cancelReason: row.cancelReason ?? 'requested',
      providerPlanId: await this.references.planIdOf(row),
      createdAt,
      trialEnd: row.trialEnd ?? undefined,
      periodStart: row.periodStart ?? undefined,
      periodEnd: row.periodEnd ?? undefined,
      cancelAtPeriodEnd,
      canceledAt: row.canceledAt ?? undefined,
      periods: [],
    };
  }
}
