import { Injectable } from '@nestjs/common';
import { and, desc, eq, getTableColumns, inArray, isNull, lte, ne, or, type SQL, sql } from 'drizzle-orm';
import { alias, type PgUpdateSetSource } from 'drizzle-orm/pg-core';
import { validate } from 'uuid';
import { CardStore, type CardUse } from '../../customers/customer/card.store.js';
import {
  customerAccounts,
  customers,
  type PaymentSourceRow,
} from '../../customers/customer/customer.tables.js';
import { databaseNow, databaseNowPlus, type Queryable, type Tx } from '../../database/database.js';
import type { PageBounds, PageDto } from '../../http/validation/page.dto.js';
import { payments } from '../../payments/payment/payment.tables.js';
import { MADE_AT_PROVIDER } from '../plan/plan.js';
import { plans } from '../plan/plan.tables.js';
import type { ListSubscriptionsDto } from './subscription.dto.js';
import { subscriptionPeriods, type SubscriptionRow, subscriptions } from './subscription.tables.js';
import type { SubscriptionNames } from './subscription.view.js';

export type NewSubscriptionRow = typeof subscriptions.$inferInsert;

/** A subscription with what its ids stand for. */
export interface NamedSubscription {
  row: SubscriptionRow;
  names: SubscriptionNames;
}

interface SubscriptionFilter extends PageBounds, Omit<ListSubscriptionsDto, keyof PageDto> {
  id?: string | undefined;
  /** Only what these callers made, or what was made in the provider's panel for a customer of theirs. */
  callers?: readonly string[] | undefined;
}

type Patch = PgUpdateSetSource<typeof subscriptions>;

const hasNotEnded = ne(subscriptions.status, 'canceled');

@Injectable()
export class SubscriptionStore implements CardUse {
  constructor(cards: CardStore) {
    cards.register(this);
  }

  async byId(db: Queryable, id: string): Promise<SubscriptionRow | undefined> {
    if (!validate(id)) return undefined;
    return this.one(db, eq(subscriptions.id, id));
  }

  byProviderSubscription(db: Queryable, provider: string, id: string): Promise<SubscriptionRow | undefined> {
    const { provider: at, providerSubscriptionId } = subscriptions;
    return this.one(db, and(eq(at, provider), eq(providerSubscriptionId, id)));
  }

  /** Newest first. */
  async list(db: Queryable, filter: SubscriptionFilter): Promise<NamedSubscription[]> {
    const nextPlans = alias(plans, 'next_plans');
    const { id, customerId, planId, status, callers, before, limit } = filter;
    if (id !== undefined && !validate(id)) return [];
    const isTheirAccount = and(
      eq(customerAccounts.customerId, subscriptions.customerId),
      eq(customerAccounts.provider, subscriptions.provider),
    );
    const isListed = and(
      id === undefined ? undefined : eq(subscriptions.id, id),
      customerId === undefined ? undefined : eq(subscriptions.customerId, customerId),
      planId === undefined ? undefined : eq(plans.id, planId),
      status === undefined ? undefined : eq(subscriptions.status, status),
      callers === undefined ? undefined : madeBy(callers),
      // An id need not grow with time: that of an adopted one is derived.
      before === undefined
        ? undefined
        : sql`(${subscriptions.createdAt}, ${subscriptions.id}) < (select created_at, id from subscriptions where id = ${before})`,
    );
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
      .leftJoin(customerAccounts, isTheirAccount)
      .where(isListed)
      .orderBy(desc(subscriptions.createdAt), desc(subscriptions.id))
      .limit(limit);
    return rows.map(({ row, ...names }) => ({ row, names }));
  }

  async providerCustomerOf(db: Queryable, id: string): Promise<string | undefined> {
    const [found] = await this.list(db, { id, limit: 1 });
    return found?.names.providerCustomerId ?? undefined;
  }

  /** The one beside which its customer may have no other. */
  exclusiveOf(db: Queryable, customerId: string): Promise<SubscriptionRow | undefined> {
    const { customerId: theirs, exclusive } = subscriptions;
    return this.one(db, and(hasNotEnded, eq(theirs, customerId), eq(exclusive, true)));
  }

  /** The provider's ids of what else its customer has, or had. */
  async atProviderBeside(db: Queryable, id: string): Promise<string[]> {
    const own = db
      .select({ customerId: subscriptions.customerId })
      .from(subscriptions)
      .where(eq(subscriptions.id, id));
    const others = await db
      .select({ theirs: subscriptions.providerSubscriptionId })
      .from(subscriptions)
      .where(and(eq(subscriptions.customerId, own), ne(subscriptions.id, id)));
    return others.flatMap(({ theirs }) => theirs ?? []);
  }

  /** Those that have not ended and charge the card, by its name or as the default one. */
  async chargedBy(tx: Tx, card: PaymentSourceRow): Promise<string[]> {
    const { id: cardId, customerId, provider, isDefault } = card;
    const { sourceId } = subscriptions;
    const isTheirs = and(eq(subscriptions.customerId, customerId), eq(subscriptions.provider, provider));
    const isCharged = isDefault ? or(eq(sourceId, cardId), isNull(sourceId)) : eq(sourceId, cardId);
    const charging = await tx
      .select({ id: subscriptions.id })
      .from(subscriptions)
      .where(and(isTheirs, hasNotEnded, isCharged))
      .orderBy(subscriptions.id);
    return charging.map(({ id }) => id);
  }

  /** Has the janitor ask what is charged in place of the card: not every provider tells. */
  async removed(tx: Tx, cardIds: readonly string[]): Promise<void> {
    await tx
      .update(subscriptions)
      .set({ nextCheckAt: databaseNow })
      .where(and(hasNotEnded, inArray(subscriptions.sourceId, [...cardIds])));
  }

  async lock(tx: Tx, id: string): Promise<SubscriptionRow | undefined> {
    const [row] = await tx.select().from(subscriptions).where(eq(subscriptions.id, id)).for('update');
    return row;
  }

  /** Undefined when the customer has one already, or when the provider's one is known already. */
  async insert(tx: Tx, row: NewSubscriptionRow): Promise<SubscriptionRow | undefined> {
    const [inserted] = await tx.insert(subscriptions).values(row).onConflictDoNothing().returning();
    return inserted;
  }

  /** The provider has made it; how it stands is still to be read. */
  link(tx: Tx, id: string, providerSubscriptionId: string): Promise<void> {
    return this.set(tx, id, { providerSubscriptionId }, isNull(subscriptions.providerSubscriptionId));
  }

  /** The provider refused to make it: it never began, and nobody was told of it. */
  reject(tx: Tx, id: string): Promise<void> {
    const end = { status: 'canceled', cancelReason: 'rejected', canceledAt: databaseNow } as const;
    const patch = { ...end, nextCheckAt: null, updatedAt: databaseNow };
    return this.set(tx, id, patch, eq(subscriptions.version, 0));
  }

  /** Why its owner ends it: told with the end. */
  noteComment(tx: Tx, id: string, cancelComment: string): Promise<void> {
    return this.set(tx, id, { cancelComment });
  }

  /** Unless it has ended, or is to end. */
  forgetComment(tx: Tx, id: string): Promise<void> {
    const goesOn = and(hasNotEnded, eq(subscriptions.cancelAtPeriodEnd, false));
    return this.set(tx, id, { cancelComment: null }, goesOn);
  }

  /** Lets the janitor ask in its next round. */
  makeDue(tx: Tx, id: string): Promise<void> {
    return this.set(tx, id, { nextCheckAt: databaseNow }, hasNotEnded);
  }

  /** Has the janitor ask about ended subscriptions, where these payments are of cycles that were not paid then. */
  async makeDueIfEnded(tx: Tx, paymentIds: readonly string[]): Promise<void> {
    const { subscriptionId, paymentId: ofPayment, paidAt } = subscriptionPeriods;
    const unpaid = tx
      .select({ subscriptionId })
      .from(payments)
      .innerJoin(
        subscriptionPeriods,
        and(eq(subscriptionId, payments.subscriptionId), eq(ofPayment, payments.id)),
      )
      .where(and(inArray(payments.id, [...paymentIds]), isNull(paidAt)));
    await tx
      .update(subscriptions)
      .set({ nextCheckAt: databaseNow })
      .where(and(inArray(subscriptions.id, unpaid), eq(subscriptions.status, 'canceled')));
  }

  async isDue(db: Queryable, id: string): Promise<boolean> {
    const isIt = and(eq(subscriptions.id, id), lte(subscriptions.nextCheckAt, databaseNow));
    return (await db.$count(subscriptions, isIt)) > 0;
  }

  /** Takes subscriptions that are to be looked at, for so long. */
  claimDueForCheck(db: Queryable, provider: string, limit: number, ms: number): Promise<SubscriptionRow[]> {
    // A CTE is run once; a subquery with a limit could be run again for each row.
    const due = db.$with('due').as(
      db
        .select({ id: subscriptions.id })
        .from(subscriptions)
        .where(and(eq(subscriptions.provider, provider), lte(subscriptions.nextCheckAt, databaseNow)))
        .orderBy(subscriptions.nextCheckAt)
        .limit(limit)
        .for('update', { skipLocked: true }),
    );
    return db
      .with(due)
      .update(subscriptions)
      .set({ nextCheckAt: databaseNowPlus(ms) })
      .from(due)
      .where(eq(subscriptions.id, due.id))
      .returning(getTableColumns(subscriptions));
  }

  /**
   * After a look, puts the next one off by how long it has been waited for (10 minutes to 6 hours); unless another date
   * was set since it was claimed.
   */
  async putNextCheck(db: Queryable, claimed: Pick<SubscriptionRow, 'id' | 'nextCheckAt'>): Promise<void> {
    const { id, nextCheckAt } = claimed;
    if (nextCheckAt === null) return;
    const past = (column: typeof subscriptions.periodEnd) =>
      sql`case when ${column} <= payments_now() then ${column} end`;
    const since = sql`greatest(${subscriptions.updatedAt}, ${past(subscriptions.periodEnd)},
      ${past(subscriptions.trialEnd)}, ${past(subscriptions.nextAttemptAt)})`;
    await db
      .update(subscriptions)
      .set({
        nextCheckAt: sql`payments_now()
          + least(greatest(payments_now() - ${since}, interval '10 minutes'), interval '6 hours')`,
      })
      .where(and(eq(subscriptions.id, id), eq(subscriptions.nextCheckAt, nextCheckAt)));
  }

  private async one(db: Queryable, where: SQL | undefined): Promise<SubscriptionRow | undefined> {
    const [row] = await db.select().from(subscriptions).where(where);
    return row;
  }

  private async set(tx: Tx, id: string, patch: Patch, where?: SQL): Promise<void> {
    await tx
      .update(subscriptions)
      .set(patch)
      .where(and(eq(subscriptions.id, id), where));
  }
}

function madeBy(callers: readonly string[]) {
  return or(
    inArray(subscriptions.caller, [...callers]),
    and(eq(subscriptions.caller, MADE_AT_PROVIDER), inArray(customers.caller, [...callers])),
  );
}
