import { Injectable } from '@nestjs/common';
import { CustomerStore } from '../../customers/customer/customer.store.js';
import type { Tx } from '../../database/database.js';
import type { Applied } from '../../kernel/applied.js';
import { Ids } from '../../kernel/ids.js';
import type { SubscriptionFact } from '../../providers/billing.facts.js';
import { MADE_AT_PROVIDER } from '../plan/plan.js';
import { PlanStore } from '../plan/plan.store.js';
import { SubscriptionStore } from '../subscription/subscription.store.js';
import type { SubscriptionRow } from '../subscription/subscription.tables.js';

export type Found = { kind: 'found'; row: SubscriptionRow } | Exclude<Applied, { kind: 'applied' | 'stale' }>;

/** Finds the subscription that a fact is about, locks it, and makes it where somebody else made it at the provider. */
@Injectable()
export class SubscriptionFinder {
  constructor(
    private readonly subscriptions: SubscriptionStore,
    private readonly customers: CustomerStore,
    private readonly plans: PlanStore,
    private readonly ids: Ids,
  ) {}

  async find(tx: Tx, fact: SubscriptionFact): Promise<Found> {
    const { provider, providerSubscriptionId } = fact;
    const own = await this.own(tx, fact);
    const known = await this.subscriptions.byProviderSubscription(tx, provider, providerSubscriptionId);
    if (own !== undefined && known !== undefined && own.id !== known.id) {
      return { kind: 'conflict', reason: `${providerSubscriptionId} is subscription ${known.id}` };
    }
    const found = known ?? own;
    if (found === undefined) return this.adopt(tx, fact);
    const row = await this.subscriptions.lock(tx, found.id);
    if (row === undefined) throw new Error(`subscription ${found.id} is gone`);
    if (row.livemode !== fact.livemode) {
      return { kind: 'conflict', reason: 'another mode than the subscription' };
    }
    return { kind: 'found', row };
  }

  /** By our id, unless it was copied to another subscription of the provider. */
  private async own(tx: Tx, fact: SubscriptionFact): Promise<SubscriptionRow | undefined> {
    if (fact.subscriptionId === undefined) return undefined;
    const row = await this.subscriptions.byId(tx, fact.subscriptionId);
    if (row === undefined || row.provider !== fact.provider) return undefined;
    const theirs = row.providerSubscriptionId;
    return theirs === null || theirs === fact.providerSubscriptionId ? row : undefined;
  }

  /** Made in the provider's own panel, for a customer of ours. */
  private async adopt(tx: Tx, fact: SubscriptionFact): Promise<Found> {
    const { provider, providerCustomerId, providerSubscriptionId, providerPlanId } = fact;
    const customer = await this.customers.findByProviderCustomer(tx, provider, providerCustomerId);
    if (customer === undefined) return { kind: 'ignored', reason: 'customer_unknown' };
    // Nothing in it may say that it is the one that we are asking for.
    if (await this.subscriptions.isBeingCreated(tx, provider, customer.id)) {
      return { kind: 'parked', reason: 'subscription_being_created' };
    }
    if (providerPlanId === '') return { kind: 'parked', reason: 'plan_unclear' };
    const plan = await this.plans.byProviderPlan(tx, provider, providerPlanId);
    if (plan === undefined) return { kind: 'parked', reason: 'plan_unknown' };
    const row = await this.subscriptions.insert(tx, {
      id: this.ids.next(),
      customerId: customer.id,
      planUid: plan.uid,
      provider,
      livemode: fact.livemode,
      providerSubscriptionId,
      status: 'incomplete',
      metadata: {},
      exclusive: false,
      caller: MADE_AT_PROVIDER,
    });
    return row === undefined
      ? { kind: 'parked', reason: 'subscription_made_meanwhile' }
      : { kind: 'found', row };
  }
}
