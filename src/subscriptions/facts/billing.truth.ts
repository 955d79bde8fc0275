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
import { SubscriptionFacts } from './subscription.facts.js';
import { SubscriptionReader } from './subscription.reader.js';

/** What a provider said of what an event is about. */
export type BillingReading =
  | { kind: 'customer'; reading: CustomerReading }
  | { kind: 'plan'; reading: PlanReading }
  | { kind: 'subscription'; reading: SubscriptionReading }
  /** A form for a card is finished while it is read. */
  | { kind: 'card_setup'; applied: Applied };

export interface ToldBilling {
  reading: BillingReading;
  cause: Cause;
}

/** Asks a provider how a customer, a plan or a subscription stands now, and applies it. */
@Injectable()
export class BillingTruth {
  constructor(
    private readonly customers: CustomerTruth,
    private readonly plans: PlanApplier,
    private readonly reader: SubscriptionReader,
    private readonly facts: SubscriptionFacts,
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

  /** Subscriptions are locked after customers. @returns what came of each; `parked`: read again later. */
  async applyAll(tx: Tx, told: readonly ToldBilling[]): Promise<Applied[]> {
    const others = new Map<ToldBilling, Applied>();
    for (const one of told) {
      const { reading: said, cause } = one;
      if (said.kind === 'customer') others.set(one, await this.customers.apply(tx, said.reading, cause));
      if (said.kind === 'plan') others.set(one, await this.plans.apply(tx, said.reading, cause));
      if (said.kind === 'card_setup') others.set(one, said.applied);
    }
    const decided = await this.facts.applyAll(
      tx,
      told.flatMap(({ reading: said, cause }) =>
        said.kind === 'subscription' ? [{ reading: said.reading, cause }] : [],
      ),
    );
    const all: Applied[] = [];
    for (const one of told) {
      const applied = others.get(one) ?? decided.shift();
      if (applied !== undefined) all.push(await this.unlessOthers(tx, one.reading, applied));
    }
    return all;
  }

  apply(tx: Tx, reading: BillingReading, cause: Cause): Promise<Applied[]> {
    return this.applyAll(tx, [{ reading, cause }]);
  }

  /** A cycle that is paid after the end is told by its payment alone, and the subscription is looked at no more. */
  heardOfPayments(tx: Tx, paymentIds: readonly string[]): Promise<void> {
    return this.subscriptions.makeDueIfEnded(tx, paymentIds);
  }

  /** What is ignored says so where it is another installation's. */
  private async unlessOthers(tx: Tx, said: BillingReading, applied: Applied): Promise<Applied> {
    if (said.kind !== 'customer' && said.kind !== 'subscription') return applied;
    const { installationId } = said.reading.fact;
    if (applied.kind !== 'ignored' || installationId === undefined) return applied;
    const ours = await this.installation.isOurs(tx, installationId);
    return ours ? applied : { kind: 'ignored', reason: OTHER_INSTALLATION };
  }
}
