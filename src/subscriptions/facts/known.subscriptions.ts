import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.js';
import type { SubscriptionSubject } from '../../providers/billing.facts.js';
import type { CompleteSubject } from '../../providers/billing.ports.js';
import { FactReferencesReader } from './fact.references.js';
import { PeriodStore } from '../cycle/period.store.js';
import { SubscriptionReads } from '../subscription/subscription.reads.store.js';
import { SubscriptionStore } from '../subscription/subscription.store.js';
import type { SubscriptionRow } from '../subscription/subscription.tables.js';

/** All that is to be read of a subscription, and what is kept of it. */
export interface KnownSubject {
  subject: CompleteSubject;
  row: SubscriptionRow | undefined;
}

/** Cycles that are read again because they were not paid when they were read last. */
const UNPAID = 3;

/** What is known here of the subscription that is to be read. */
@Injectable()
export class KnownSubscriptions {
  constructor(
    private readonly database: Database,
    private readonly subscriptions: SubscriptionStore,
    private readonly reads: SubscriptionReads,
    private readonly periods: PeriodStore,
    private readonly references: FactReferencesReader,
  ) {}

  /** Undefined for a subscription that is none of ours. */
  async complete(provider: string, subject: SubscriptionSubject): Promise<KnownSubject | undefined> {
    const { db } = this.database;
    const row = await this.subscriptions.byProviderSubscription(db, provider, subject.providerSubscriptionId);
    const providerCustomerId = subject.providerCustomerId ?? (row && (await this.customerOf(row.id)));
    if (providerCustomerId === undefined) return undefined;
    if (row === undefined) {
      const isOurs = await this.references.knowsCustomer(provider, providerCustomerId);
      return isOurs ? { subject: { ...subject, providerCustomerId }, row } : undefined;
    }
    const periodIds = new Set([...subject.periodIds, ...(await this.periods.unpaid(db, row.id, UNPAID))]);
    const since = await this.periods.unheardSince(db, row);
    return { subject: { ...subject, providerCustomerId, periodIds: [...periodIds], since }, row };
  }

  /** Undefined while the provider has not made it. */
  async subjectOf(id: string): Promise<{ provider: string; subject: SubscriptionSubject } | undefined> {
    const row = await this.subscriptions.byId(this.database.db, id);
    if (row === undefined || row.providerSubscriptionId === null) return undefined;
    const { provider, providerSubscriptionId } = row;
    return {
      provider,
      subject: { kind: 'subscription', providerSubscriptionId, periodIds: [], trialEnding: false },
    };
  }

  private async customerOf(id: string): Promise<string | undefined> {
    const [found] = await this.reads.find(this.database.db, { id, limit: 1 });
    return found?.names.providerCustomerId ?? undefined;
  }
}
