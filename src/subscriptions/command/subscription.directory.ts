import { Injectable } from '@nestjs/common';
import { Database, type Queryable, type Tx } from '../../database/database.js';
import { type Caller, visibleTo } from '../../http/access/caller.js';
import { readPage } from '../../http/validation/page.dto.js';
import { ServiceError } from '../../kernel/errors.js';
import { PeriodStore } from '../cycle/period.store.js';
import { termsOf } from '../plan/plan.js';
import { PlanStore } from '../plan/plan.store.js';
import type { ListSubscriptionsDto } from '../subscription/subscription.dto.js';
import { type NamedSubscription, SubscriptionStore } from '../subscription/subscription.store.js';
import type { SubscriptionRow } from '../subscription/subscription.tables.js';
import {
  periodView,
  type SubscriptionDetails,
  type SubscriptionList,
  type SubscriptionResource,
  subscriptionResource,
} from '../subscription/subscription.view.js';
import type { AtProvider } from './subscription.commands.js';

const PERIODS = 24;

/** Reads subscriptions: callers see their own, and those of panels for their customers. */
@Injectable()
export class SubscriptionDirectory {
  constructor(
    private readonly database: Database,
    private readonly subscriptions: SubscriptionStore,
    private readonly periods: PeriodStore,
    private readonly plans: PlanStore,
  ) {}

  /** Undefined also for a subscription of another caller. */
  async find(id: string, caller: Caller): Promise<NamedSubscription | undefined> {
    const filter = { id, callers: visibleTo(caller), limit: 1 };
    const [found] = await this.subscriptions.list(this.database.db, filter);
    return found;
  }

  /** @throws ServiceError not_found, also for a subscription of another caller. */
  async get(id: string, caller: Caller): Promise<NamedSubscription> {
    const found = await this.find(id, caller);
    if (found === undefined) throw new ServiceError('not_found', 'there is no such subscription');
    return found;
  }

  /** @throws ServiceError not_found */
  async resource(id: string, caller: Caller): Promise<SubscriptionResource> {
    const { row, names } = await this.get(id, caller);
    return subscriptionResource(row, names);
  }

  /** @throws ServiceError not_found */
  async details(id: string, caller: Caller): Promise<SubscriptionDetails> {
    const { row, names } = await this.get(id, caller);
    const periods = await this.periods.latest(this.database.db, row.id, PERIODS);
    return { ...subscriptionResource(row, names), periods: periods.map(periodView) };
  }

  /** Newest first. */
  async list(query: ListSubscriptionsDto, caller: Caller): Promise<SubscriptionList> {
    const filter = { ...query, callers: visibleTo(caller) };
    const { rows, nextCursor } = await readPage(
      query,
      (bounds) => this.subscriptions.list(this.database.db, { ...filter, ...bounds }),
      ({ row }) => row.id,
    );
    return { data: rows.map(({ row, names }) => subscriptionResource(row, names)), nextCursor };
  }

  /** @throws ServiceError customer_subscribed with `details.subscriptionId`. */
  async assertFree(customerId: string, db: Queryable = this.database.db): Promise<void> {
    const present = await this.subscriptions.exclusiveOf(db, customerId);
    if (present === undefined) return;
    const details = { subscriptionId: present.id };
    throw new ServiceError('customer_subscribed', 'the customer has a subscription already', details);
  }

  /** An active one may owe an older cycle: the latest alone decides over its status. */
  async owesOlderCycle(tx: Tx, { id, status }: SubscriptionRow): Promise<boolean> {
    return status === 'active' && (await this.periods.isAnyOwed(tx, id));
  }

  /** Undefined while the provider has not made it. */
  async atProvider(tx: Tx, row: SubscriptionRow): Promise<AtProvider | undefined> {
    const { id, providerSubscriptionId, planUid } = row;
    const providerCustomerId = await this.subscriptions.providerCustomerOf(tx, id);
    if (providerSubscriptionId === null || providerCustomerId === undefined) return undefined;
    const nextUid = row.nextPlanUid ?? planUid;
    const plan = await this.plans.byUid(tx, nextUid);
    if (plan === undefined) throw new Error(`plan ${nextUid} is gone`);
    return {
      target: { providerSubscriptionId, providerCustomerId },
      present: termsOf(plan),
      presentPlanIds: await this.plans.providerPlanIds(tx, [planUid, nextUid]),
    };
  }
}
