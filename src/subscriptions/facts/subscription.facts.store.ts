import { Injectable } from '@nestjs/common';
import { and, eq, isNull, or, type SQL, sql } from 'drizzle-orm';
import type { PgColumn } from 'drizzle-orm/pg-core';
import { customerAccounts, paymentSources } from '../../customers/customer/customer.tables.js';
import type { Queryable, Tx } from '../../database/database.js';
import { insertRows, isAny, updateRows } from '../../database/rows.store.js';
import { timeOf } from '../../database/service.store.js';
import { isUuid } from '../../kernel/ids.js';
import { must } from '../../payments/facts/payment.facts.store.js';
import { planPrices, plans } from '../plan/plan.tables.js';
import type { SubscriptionEvent } from '../subscription/subscription.js';
import {
  type NewSubscriptionTransition,
  type SubscriptionPeriodRow,
  type SubscriptionRow,
  subscriptionPeriods,
  subscriptions,
  subscriptionTransitions,
} from '../subscription/subscription.tables.js';
import type { ToldReading } from './subscription.state.js';
import { onceKeysOf } from './subscription.steps.js';

/** What is kept of all that a batch of readings names; perhaps some more. */
export type KeptRows = Awaited<ReturnType<SubscriptionFactsStore['load']>>;

export interface Changes<T> {
  made: readonly T[];
  changed: readonly T[];
}

const ACTIVATED: SubscriptionEvent = 'subscription.activated';

/** Loads what readings are decided by and saves what they change, each for any number of subscriptions at once. */
@Injectable()
export class SubscriptionFactsStore {
  /** @param lock the subscriptions, in one order for everybody; those of order slots and payments come after. */
  async load(db: Queryable, told: readonly ToldReading[], { lock }: { lock: boolean }) {
    const facts = told.map(({ reading }) => reading.fact);
    const at = (provider: PgColumn, id: PgColumn, ids: readonly string[]): SQL | undefined => {
      const providers = [...new Set(facts.map((fact) => fact.provider))];
      return and(isAny(provider, providers), isAny(id, ids));
    };
    const { id, provider, providerSubscriptionId } = subscriptions;
    const named = facts.flatMap(({ subscriptionId }) => subscriptionId ?? []).filter(isUuid);
    const theirs = facts.map((fact) => fact.providerSubscriptionId);
    const isNamed = or(isAny(id, named), at(provider, providerSubscriptionId, theirs));
    const found = db.select().from(subscriptions).where(isNamed).orderBy(id);
    const rows = await (lock ? found.for('update') : found);
    const priceIds = facts.map(({ providerPlanId }) => providerPlanId);
    const isNamedPrice = at(planPrices.provider, planPrices.providerPlanId, priceIds);
    const prices = await db.select().from(planPrices).where(isNamedPrice);
    const uids = [
      ...rows.flatMap(({ planUid, nextPlanUid }) => [planUid, nextPlanUid ?? planUid]),
      ...prices.map(({ planUid }) => planUid),
      ...told.flatMap(({ switchTo }) => switchTo ?? []),
    ];
    const cardIds = facts.flatMap(({ providerSourceId }) => providerSourceId ?? []);
    const isCard = at(paymentSources.provider, paymentSources.providerSourceId, cardIds);
    const customerIds = facts.map(({ providerCustomerId }) => providerCustomerId);
    const isAccount = at(customerAccounts.provider, customerAccounts.providerCustomerId, customerIds);
    const periodIds = facts.flatMap(({ periods }) => periods.map(({ periodId }) => periodId));
    const isTold = at(subscriptionPeriods.provider, subscriptionPeriods.periodId, periodIds);
    const ids = rows.map((row) => row.id);
    return {
      subscriptions: rows,
      prices,
      plans: await db.select().from(plans).where(isAny(plans.uid, uids)),
      cards: await db
        .select()
        .from(paymentSources)
        .where(and(isCard, isNull(paymentSources.removedAt))),
      accounts: await this.accounts(db, isAccount),
      periods: await this.periods(db, isTold, ids, told),
      happened: await this.happened(db, ids, facts.flatMap(onceKeysOf)),
      now: await timeOf(db),
    };
  }

  /** @throws MovedMeanwhile when another transaction made what was not there when it was loaded. */
  async save(
    tx: Tx,
    rows: {
      subscriptions: Changes<SubscriptionRow>;
      periods: Changes<SubscriptionPeriodRow>;
      transitions: readonly NewSubscriptionTransition[];
    },
  ): Promise<void> {
    const { subscriptions: ours, periods: bills, transitions } = rows;
    const skip = { onConflict: 'skip' } as const;
    must(await insertRows(tx, subscriptions, ours.made, skip), ours.made);
    // Under their locks: nobody else has written them since they were loaded.
    must(await updateRows(tx, subscriptions, ours.changed, ['id']), ours.changed);
    must(await insertRows(tx, subscriptionPeriods, bills.made, skip), bills.made);
    must(await updateRows(tx, subscriptionPeriods, bills.changed, ['id']), bills.changed);
    must(await insertRows(tx, subscriptionTransitions, transitions, skip), transitions);
  }

  /** With those of its customer that the provider may be making right now. */
  private accounts(db: Queryable, where: SQL | undefined) {
    const { customerId, provider, providerCustomerId } = customerAccounts;
    const unmade = sql<string[]>`array(select ${subscriptions.id} from ${subscriptions}
      where ${subscriptions.customerId} = ${customerId} and ${subscriptions.provider} = ${provider}
        and ${subscriptions.providerSubscriptionId} is null and ${subscriptions.status} <> 'canceled')`;
    return db
      .select({ customerId, provider, providerCustomerId, unmade })
      .from(customerAccounts)
      .where(where);
  }

  /** Those that readings tell of, and of their subscriptions those that are not paid, or of the cycle that runs. */
  private periods(
    db: Queryable,
    isTold: SQL | undefined,
    ids: readonly string[],
    told: readonly ToldReading[],
  ): Promise<SubscriptionPeriodRow[]> {
    const { subscriptionId, paidAt, start } = subscriptionPeriods;
    const starts = told.flatMap(({ reading }) => reading.fact.periodStart?.toISOString() ?? []);
    const runs = sql`${start} = any(${sql.param(starts)}::timestamptz[])`;
    return db
      .select()
      .from(subscriptionPeriods)
      .where(or(isTold, and(isAny(subscriptionId, ids), or(isNull(paidAt), runs))));
  }

  private happened(db: Queryable, ids: readonly string[], onceKeys: readonly string[]) {
    const { subscriptionId, onceKey, event } = subscriptionTransitions;
    return db
      .select({ subscriptionId, onceKey, event })
      .from(subscriptionTransitions)
      .where(and(isAny(subscriptionId, ids), or(isAny(onceKey, onceKeys), eq(event, ACTIVATED))));
  }
}
