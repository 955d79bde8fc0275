import { Injectable } from '@nestjs/common';
import { type CustomerReading, CustomerTruth } from '../../customers/customer/customer.truth.js';
import { CardSetups } from '../../customers/card/card.setups.js';
import type { Tx } from '../../database/database.js';
import { Installation } from '../../database/service.store.js';
import { type Applied, type Cause, JANITOR, OTHER_INSTALLATION } from '../../kernel/applied.js';
import type { BillingSubject } from '../../providers/billing.facts.js';
import { PlanApplier, type PlanReading } from '../plan/plan.applier.js';
import type { SubscriptionReading } from '../subscription/subscription.js';
import { SubscriptionStore } from '../subscription/subscription.store.js';
import { SubscriptionFactApplier } from './subscription.fact.applier.js';
import { SubscriptionReader } from './subscription.reader.js';

/** What a provider said of what an event is about. */
export type BillingReading =
  | { kind: 'customer'; reading: CustomerReading }
  | { kind: 'plan'; reading: PlanReading }
  | { kind: 'subscription'; reading: SubscriptionReading }
  /** A form for a card is finished while it is read. */
  | { kind: 'card_setup'; applied: Applied };

/** Asks a provider how a customer, a plan or a subscription stands now, and applies it. */
@Injectable()
export class BillingTruth {
  constructor(
    private readonly customers: CustomerTruth,
    private readonly plans: PlanApplier,
    private readonly reader: SubscriptionReader,
    private readonly applier: SubscriptionFactApplier,
    private readonly subscriptions: SubscriptionStore,
    private readonly cardSetups: CardSetups,
    private readonly installation: Installation,
  ) {}

  /**
   * Outside any transaction. Undefined: a subscription that is none of ours.
   * @param cause of what has to be made before the reading can be applied.
   * @throws ProviderError when the provider cannot be asked.
   */
  async read(
    provider: string,
    subject: BillingSubject,
    cause: Cause = JANITOR,
  ): Promise<BillingReading | undefined> {
    switch (subject.kind) {
      case 'customer':
        return { kind: 'customer', reading: await this.customers.read(provider, subject.providerCustomerId) };
      case 'plan':
        return { kind: 'plan', reading: await this.plans.read(provider, subject.providerPlanId) };
      case 'subscription': {
        const reading = await this.reader.read(provider, subject, cause);
        return reading && { kind: 'subscription', reading };
      }
      case 'card_setup':
        return {
          kind: 'card_setup',
          applied: await this.cardSetups.finishAtProvider(provider, subject.providerSetupId, cause),
        };
    }
  }

  /** `parked`: read again later. */
  async apply(tx: Tx, told: BillingReading, cause: Cause): Promise<Applied[]> {
    switch (told.kind) {
      case 'customer':
        return [await this.unlessOthers(tx, told, await this.customers.apply(tx, told.reading))];
      case 'plan':
        return [await this.plans.apply(tx, told.reading, cause)];
      case 'subscription':
        return [await this.unlessOthers(tx, told, await this.applier.apply(tx, told.reading, cause))];
      case 'card_setup':
        return [told.applied];
    }
  }

  /** A cycle that is paid after the end is told by its payment alone, and the subscription is looked at no more. */
  heardOfPayments(tx: Tx, paymentIds: readonly string[]): Promise<void> {
    return this.subscriptions.makeDueIfEnded(tx, paymentIds);
  }

  /** What is ignored says so where it is another installation's. */
  private async unlessOthers(
    tx: Tx,
    { reading: { fact } }: Extract<BillingReading, { kind: 'customer' | 'subscription' }>,
    applied: Applied,
  ): Promise<Applied> {
    const { installationId } = fact;
    if (applied.kind !== 'ignored' || installationId === undefined) return applied;
    const ours = await this.installation.isOurs(tx, installationId);
    return ours ? applied : { kind: 'ignored', reason: OTHER_INSTALLATION };
  }
}
