import { Injectable } from '@nestjs/common';
import { and, eq, getTableColumns, inArray, isNull, lte, ne, or, sql } from 'drizzle-orm';
import { validate } from 'uuid';
import { CardStore, type CardUse } from '../../customers/customer/card.store.js';
import type { PaymentSourceRow } from '../../customers/customer/customer.tables.js';
import { databaseNow, type Queryable, type Tx } from '../../database/database.js';
import { payments } from '../../payments/payment/payment.tables.js';
import type { SubscriptionEvent } from './subscription.js';
import {
  subscriptionPeriods,
  type SubscriptionRow,
  subscriptions,
  subscriptionTransitions,
} from './subscription.tables.js';

export type NewSubscriptionRow = typeof subscriptions.$inferInsert;
export type NewSubscriptionTransition = typeof subscriptionTransitions.$inferInsert;

const hasNotEnded = ne(subscriptions.status, 'canceled');

/** Subscriptions, and their audit log. */
@Injectable()
export class SubscriptionStore implements CardUse {
  constructor(cards: CardStore) {
    cards.register(this);
  }

  async byId(db: Queryable, id: string): Promise<SubscriptionRow | undefined> {
    if (!validate(id)) return undefined;
    const [row] = await db.select().from(subscriptions).where(eq(subscriptions.id, id));
    return row;
  }

  async byProviderSubscription(
    db: Queryable,
    provider: string,
    providerSubscriptionId: string,
  ): Promise<SubscriptionRow | undefined> {
    const { providerSubscriptionId: ofProvider } = subscriptions;
    const [row] = await db
      .select()
      .from(subscriptions)
      .where(and(eq(subscriptions.provider, provider), eq(ofProvider, providerSubscriptionId)));
    return row;
  }

  /** Whether the provider may be making one of this customer's right now. */
  async isBeingCreated(db: Queryable, provider: string, customerId: string): Promise<boolean> {
    const isUnmade = and(hasNotEnded, isNull(subscriptions.providerSubscriptionId));
    const { customerId: theirs, provider: there } = subscriptions;
    return (await db.$count(subscriptions, and(isUnmade, eq(theirs, customerId), eq(there, provider)))) > 0;
  }

  /** The one beside which its customer may have no other. */
  async exclusiveOf(db: Queryable, customerId: string): Promise<SubscriptionRow | undefined> {
    const [row] = await db
      .select()
      .from(subscriptions)
      .where(and(hasNotEnded, eq(subscriptions.customerId, customerId), eq(subscriptions.exclusive, true)));
    return row;
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

  /** Those that have not ended and charge the card, by its name or because it is the default one. */
  async chargedBy(
    tx: Tx,
    { id: cardId, customerId, provider, isDefault }: PaymentSourceRow,
  ): Promise<string[]> {
    const { sourceId } = subscriptions;
    const charging = await tx
      .select({ id: subscriptions.id })
      .from(subscriptions)
      .where(
        and(
          eq(subscriptions.customerId, customerId),
          eq(subscriptions.provider, provider),
          hasNotEnded,
          isDefault ? or(eq(sourceId, cardId), isNull(sourceId)) : eq(sourceId, cardId),
        ),
      )
      .orderBy(subscriptions.id);
    return charging.map(({ id }) => id);
  }

  /** What its provider charges in place of the card is asked in the janitor's next round: not every provider tells. */
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

  /** Guarded by the version that was read under the row's lock. */
  async update(tx: Tx, id: string, version: number, patch: Partial<SubscriptionRow>): Promise<void> {
    const updated = await tx
      .update(subscriptions)
      .set({ ...patch, updatedAt: databaseNow })
      .where(and(eq(subscriptions.id, id), eq(subscriptions.version, version)))
      .returning({ id: subscriptions.id });
    if (updated.length === 0) throw new Error(`subscription ${id} changed under its lock`);
  }

  /** The provider has made it; how it stands is still to be read. */
  async link(tx: Tx, id: string, providerSubscriptionId: string): Promise<void> {
    await tx
      .update(subscriptions)
      .set({ providerSubscriptionId })
      .where(and(eq(subscriptions.id, id), isNull(subscriptions.providerSubscriptionId)));
  }

  /** What is kept is what the provider says now. */
  async confirm(tx: Tx, id: string): Promise<void> {
    await tx.update(subscriptions).set({ confirmedAt: databaseNow }).where(eq(subscriptions.id, id));
  }

  /** The provider refused to make it: it never began, and nobody was told of it. */
  async reject(tx: Tx, id: string): Promise<void> {
    await tx
      .update(subscriptions)
      .set({
        status: 'canceled',
        cancelReason: 'rejected',
        canceledAt: databaseNow,
        nextCheckAt: null,
        updatedAt: databaseNow,
      })
      .where(and(eq(subscriptions.id, id), eq(subscriptions.version, 0)));
  }

  /** Why its owner ends it: told with the end. */
  async noteComment(tx: Tx, id: string, cancelComment: string): Promise<void> {
    await tx.update(subscriptions).set({ cancelComment }).where(eq(subscriptions.id, id));
  }

  /** Unless it has ended, or is to end. */
  async forgetComment(tx: Tx, id: string): Promise<void> {
    await tx
      .update(subscriptions)
      .set({ cancelComment: null })
      .where(and(eq(subscriptions.id, id), hasNotEnded, eq(subscriptions.cancelAtPeriodEnd, false)));
  }

  /** Lets the janitor ask in its next round. */
  async makeDue(tx: Tx, id: string): Promise<void> {
    await tx
      .update(subscriptions)
      .set({ nextCheckAt: databaseNow })
      .where(and(eq(subscriptions.id, id), hasNotEnded));
  }

  /** Has the janitor ask about a subscription that has ended, where this payment is of a cycle that was not paid then. */
  async makeDueIfEnded(tx: Tx, paymentId: string): Promise<void> {
    const { subscriptionId, paymentId: ofPayment, paidAt } = subscriptionPeriods;
    const unpaid = tx
      .select({ subscriptionId })
      .from(payments)
      .innerJoin(subscriptionPeriods, eq(subscriptionId, payments.subscriptionId))
      .where(and(eq(payments.id, paymentId), eq(ofPayment, paymentId), isNull(paidAt)));
    await tx
      .update(subscriptions)
      .set({ nextCheckAt: databaseNow })
      .where(and(inArray(subscriptions.id, unpaid), eq(subscriptions.status, 'canceled')));
  }

  async isDue(db: Queryable, id: string): Promise<boolean> {
    const isIt = and(eq(subscriptions.id, id), lte(subscriptions.nextCheckAt, databaseNow));
    return (await db.$count(subscriptions, isIt)) > 0;
  }

  /**
   * Takes subscriptions whose look at the provider is due, and puts the next look off by how long they have been
   * waited for (10 minutes to 6 hours).
   */
  claimDueForCheck(db: Queryable, limit: number): Promise<SubscriptionRow[]> {
    // A CTE is run once; a subquery with a limit could be run again for each row.
    const due = db
      .$with('due')
      .as(
        db
          .select({ id: subscriptions.id })
          .from(subscriptions)
          .where(lte(subscriptions.nextCheckAt, databaseNow))
          .orderBy(subscriptions.nextCheckAt)
          .limit(limit)
          .for('update', { skipLocked: true }),
      );
    const past = (column: typeof subscriptions.periodEnd) =>
      sql`case when ${column} <= payments_now() then ${column} end`;
    const since = sql`greatest(${subscriptions.updatedAt}, ${past(subscriptions.periodEnd)},
      ${past(subscriptions.trialEnd)}, ${past(subscriptions.nextAttemptAt)})`;
    return db
      .with(due)
      .update(subscriptions)
      .set({
        nextCheckAt: sql`payments_now()
          + least(greatest(payments_now() - ${since}, interval '10 minutes'), interval '6 hours')`,
      })
      .from(due)
      .where(eq(subscriptions.id, due.id))
      .returning(getTableColumns(subscriptions));
  }

  async recordTransitions(tx: Tx, transitions: readonly NewSubscriptionTransition[]): Promise<void> {
    if (transitions.length > 0) await tx.insert(subscriptionTransitions).values([...transitions]);
  }

  /** Those of the keys under which something happened already. */
  async happened(tx: Tx, subscriptionId: string, onceKeys: readonly string[]): Promise<Set<string>> {
    if (onceKeys.length === 0) return new Set();
    const { onceKey, subscriptionId: ofSubscription } = subscriptionTransitions;
    const found = await tx
      .select({ onceKey })
      .from(subscriptionTransitions)
      .where(and(eq(ofSubscription, subscriptionId), inArray(onceKey, [...onceKeys])));
    return new Set(found.flatMap((one) => one.onceKey ?? []));
  }

  async wasAnnounced(tx: Tx, subscriptionId: string, event: SubscriptionEvent): Promise<boolean> {
    const { subscriptionId: ofSubscription, event: announced } = subscriptionTransitions;
    const isIt = and(eq(ofSubscription, subscriptionId), eq(announced, event));
    return (await tx.$count(subscriptionTransitions, isIt)) > 0;
  }
}
