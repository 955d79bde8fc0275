import { Injectable } from '@nestjs/common';
import { type Caller, visibleTo } from '../../http/access/caller.js';
import { Database } from '../../database/database.js';
import { readPage } from '../../http/validation/page.dto.js';
import type { RememberedResource } from '../../http/idempotency/idempotency.service.js';
import type { Cause } from '../../kernel/applied.js';
import { ServiceError } from '../../kernel/errors.js';
import type { ListSubscriptionsDto } from './list-subscriptions.dto.js';
import type { NewSubscription } from '../command/new.subscriptions.js';
import { PeriodStore } from '../cycle/period.store.js';
import { SubscriptionCommander } from '../command/subscription.commander.js';
import { SubscriptionCreation } from '../command/subscription.creation.js';
import { type NamedSubscription, SubscriptionReads } from './subscription.reads.store.js';
import {
  periodView,
  type SubscriptionDetails,
  type SubscriptionList,
  type SubscriptionResource,
  subscriptionResource,
} from './subscription.view.js';
import { isRejected } from './subscription.js';
import type { SubscriptionWish } from '../command/subscription.wish.js';

export type { NewSubscription };

const PERIODS = 24;

/** Reads subscriptions for callers: their own, and those of panels for customers of theirs. */
@Injectable()
export class SubscriptionDirectory {
  constructor(
    private readonly database: Database,
    private readonly reads: SubscriptionReads,
    private readonly periods: PeriodStore,
  ) {}

  /** @throws ServiceError not_found, also for a subscription of another caller. */
  async get(id: string, caller: Caller): Promise<NamedSubscription> {
    const [found] = await this.reads.find(this.database.db, { id, callers: visibleTo(caller), limit: 1 });
    if (found === undefined) throw new ServiceError('not_found', 'there is no such subscription');
    return found;
  }

  /** @throws ServiceError not_found */
  async details(id: string, caller: Caller): Promise<SubscriptionDetails> {
    const { row, names } = await this.get(id, caller);
    const periods = await this.periods.latest(this.database.db, row.id, PERIODS);
    return { ...subscriptionResource(row, names), periods: periods.map(periodView) };
  }

  /** Newest first. */
  async list(query: ListSubscriptionsDto, caller: Caller): Promise<SubscriptionList> {
    const { customerId, planId, status } = query;
    const filter = { customerId, planId, status, callers: visibleTo(caller) };
    const { rows, nextCursor } = await readPage(
      query,
      (bounds) => this.reads.find(this.database.db, { ...filter, ...bounds }),
      ({ row }) => row.id,
    );
    return { data: rows.map(({ row, names }) => subscriptionResource(row, names)), nextCursor };
  }
}

/** Subscriptions, as they are asked for. */
@Injectable()
export class SubscriptionsService {
  constructor(
    private readonly directory: SubscriptionDirectory,
    private readonly creation: SubscriptionCreation,
    private readonly commander: SubscriptionCommander,
  ) {}

  /**
   * @param resource of a request that may be repeated: what it began is ended, and nothing made twice.
   * @throws ServiceError customer_subscribed and unknown_outcome (each with `details.subscriptionId`), not_found,
   * card_unusable, card_declined, operation_in_doubt, provider_rejected, provider_unavailable, and what the provider
   * cannot do by name.
   */
  async create(
    input: NewSubscription,
    caller: Caller,
    resource: RememberedResource = NOT_REPEATED,
  ): Promise<SubscriptionResource> {
    const cause: Cause = `api:${caller.name}`;
    if (resource.id !== undefined && (await this.goesOn(resource.id, caller, cause))) {
      return this.resource(resource.id, caller);
    }
    const operation = await this.creation.record(input, caller, (id) => resource.remember(id));
    await this.commander.make(operation, cause);
    return this.resource(operation.subjectId, caller);
  }

  /** @throws ServiceError order_not_yours */
  assertTheirs(orderId: string | undefined, caller: Caller): Promise<void> {
    return this.creation.assertTheirs(orderId, caller);
  }

  /** Carries out what is wanted, one after the other, if all of it is acceptable. @throws ServiceError */
  async change(
    id: string,
    wishes: readonly SubscriptionWish[],
    caller: Caller,
  ): Promise<SubscriptionResource> {
    const { row } = await this.directory.get(id, caller);
    await this.commander.carryOut(row.id, wishes, `api:${caller.name}`);
    return this.resource(row.id, caller);
  }

  /**
   * Ends what an earlier request began. False where that was nothing, or was refused: for a reason that passes, for
   * what lasts is stored under the key.
   */
  private async goesOn(id: string, caller: Caller, cause: Cause): Promise<boolean> {
    if ((await this.find(id, caller)) === undefined) return false;
    await this.commander.finish(id, cause);
    const begun = await this.find(id, caller);
    return begun !== undefined && !isRejected(begun.row);
  }

  private async find(id: string, caller: Caller): Promise<NamedSubscription | undefined> {
    try {
      return await this.directory.get(id, caller);
    } catch (error) {
      if (error instanceof ServiceError && error.code === 'not_found') return undefined;
      throw error;
    }
  }

  private async resource(id: string, caller: Caller): Promise<SubscriptionResource> {
    const { row, names } = await this.directory.get(id, caller);
    return subscriptionResource(row, names);
  }
}

const NOT_REPEATED: RememberedResource = { remember: () => Promise.resolve() };
