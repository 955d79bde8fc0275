import { Injectable } from '@nestjs/common';
import { and, desc, eq, getTableColumns, inArray, lt, or } from 'drizzle-orm';
import { alias } from 'drizzle-orm/pg-core';
import { validate } from 'uuid';
import { customerAccounts, customers } from '../../customers/customer/customer.tables.js';
import type { Queryable } from '../../database/database.js';
import type { SubscriptionStatus } from '../../providers/billing.facts.js';
import { MADE_AT_PROVIDER } from '../plan/plan.js';
import { plans } from '../plan/plan.tables.js';
import { type SubscriptionRow, subscriptions } from './subscription.tables.js';
import type { SubscriptionNames } from './subscription.view.js';

/** A subscription with what its ids stand for. */
export interface NamedSubscription {
  row: SubscriptionRow;
  names: SubscriptionNames;
}

export interface SubscriptionFilter {
  id?: string | undefined;
  customerId?: string | undefined;
  /** The caller's own id of the plan of the running cycle. */
  planId?: string | undefined;
  status?: SubscriptionStatus | undefined;
  /** Only what these callers made, or what was made in the provider's panel for a customer of theirs. */
  callers?: readonly string[] | undefined;
  /** Only subscriptions older than this id. */
  before?: string | undefined;
  limit: number;
}

/** Subscriptions as they are shown. */
@Injectable()
export class SubscriptionReads {
  /** Newest first. */
  async find(db: Queryable, filter: SubscriptionFilter): Promise<NamedSubscription[]> {
    const nextPlans = alias(plans, 'next_plans');
    const { id, customerId, planId, status, callers, before, limit } = filter;
    if (id !== undefined && !validate(id)) return [];
    const rows = await db
      .select({
        row: getTableColumns(subscriptions),
        planId: plans.id,
        nextPlanId: nextPlans.id,
        providerCustomerId: customerAccounts.providerCustomerId,
      })
      .from(subscriptions)
      .innerJoin(plans, eq(plans.uid, subscriptions.planUid))
      .innerJoin(customers, eq(customers.id, subscriptions.customerId))
      .leftJoin(nextPlans, eq(nextPlans.uid, subscriptions.nextPlanUid))
      .leftJoin(
        customerAccounts,
        and(
          eq(customerAccounts.customerId, subscriptions.customerId),
          eq(customerAccounts.provider, subscriptions.provider),
        ),
      )
      .where(
        and(
          id === undefined ? undefined : eq(subscriptions.id, id),
          customerId === undefined ? undefined : eq(subscriptions.customerId, customerId),
          planId === undefined ? undefined : eq(plans.id, planId),
          status === undefined ? undefined : eq(subscriptions.status, status),
          callers === undefined ? undefined : madeBy(callers),
          before === undefined ? undefined : lt(subscriptions.id, before),
        ),
      )
      .orderBy(desc(subscriptions.id))
      .limit(limit);
    return rows.map(({ row, ...names }) => ({ row, names }));
  }
}

function madeBy(callers: readonly string[]) {
  return or(
    inArray(subscriptions.caller, [...callers]),
    and(eq(subscriptions.caller, MADE_AT_PROVIDER), inArray(customers.caller, [...callers])),
  );
}
