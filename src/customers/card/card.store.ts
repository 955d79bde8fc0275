import { Injectable } from '@nestjs/common';
import { and, asc, eq, inArray, isNull, notInArray, sql } from 'drizzle-orm';
import { validate } from 'uuid';
import { databaseNow, type Queryable, type Tx } from '../../database/database.js';
import { providerOperations } from '../../operations/operation.tables.js';
import { paymentSources, type PaymentSourceRow } from './card.tables.js';

export type NewCard = typeof paymentSources.$inferInsert;

/** What charges saved cards without being asked each time, such as subscriptions. */
export interface CardUse {
  /** Ids of what charges this card, by its name or as the customer's default one. */
  chargedBy(tx: Tx, card: PaymentSourceRow): Promise<readonly string[]>;
  /** The provider has these cards no more: what named them is named another way there by now. */
  removed(tx: Tx, cardIds: readonly string[]): Promise<void>;
}

/** Rooms that charge saved cards register when they are made: customers know none of them. */
@Injectable()
export class CardUses {
  private readonly uses: CardUse[] = [];

  register(use: CardUse): void {
    this.uses.push(use);
  }

  async chargedBy(tx: Tx, card: PaymentSourceRow): Promise<string[]> {
    const ids: string[] = [];
    for (const use of this.uses) ids.push(...(await use.chargedBy(tx, card)));
    return ids;
  }

  async removed(tx: Tx, cardIds: readonly string[]): Promise<void> {
    if (cardIds.length > 0) for (const use of this.uses) await use.removed(tx, cardIds);
  }
}

@Injectable()
export class CardStore {
  /** Without those that were removed; the oldest first. */
  of(db: Queryable, customerIds: readonly string[], provider?: string): Promise<PaymentSourceRow[]> {
    return db
      .select()
      .from(paymentSources)
      .where(
        and(
          inArray(paymentSources.customerId, [...customerIds]),
          isNull(paymentSources.removedAt),
          provider === undefined ? undefined : eq(paymentSources.provider, provider),
        ),
      )
      .orderBy(asc(paymentSources.createdAt), asc(paymentSources.id));
  }

  async find(db: Queryable, id: string): Promise<PaymentSourceRow | undefined> {
    if (!validate(id)) return undefined;
    const [row] = await db.select().from(paymentSources).where(eq(paymentSources.id, id));
    return row;
  }

  async findByProviderId(
    db: Queryable,
    provider: string,
    providerSourceId: string,
  ): Promise<PaymentSourceRow | undefined> {
    const [row] = await db
      .select()
      .from(paymentSources)
      .where(
        and(eq(paymentSources.provider, provider), eq(paymentSources.providerSourceId, providerSourceId)),
      );
    return row;
  }

  /** Makes these cards be as they are given; one that is known keeps its own id. */
  async keep(tx: Tx, cards: readonly NewCard[]): Promise<void> {
    if (cards.length === 0) return;
    await tx
      .insert(paymentSources)
      .values([...cards])
      .onConflictDoUpdate({
        target: [paymentSources.provider, paymentSources.providerSourceId],
        set: {
          customerId: sql`excluded.customer_id`,
          brand: sql`excluded.brand`,
          last4: sql`excluded.last4`,
          expMonth: sql`excluded.exp_month`,
          expYear: sql`excluded.exp_year`,
          holder: sql`excluded.holder`,
          isDefault: sql`excluded.is_default`,
          blocked: sql`excluded.blocked`,
          removedAt: null,
        },
      });
  }

  /** The customer has no other cards at the provider than these. Resolves to the ids of those that went. */
  async removeOthers(
    tx: Tx,
    { customerId, provider }: Pick<PaymentSourceRow, 'customerId' | 'provider'>,
    providerSourceIds: readonly string[],
  ): Promise<string[]> {
    const removed = await tx
      .update(paymentSources)
      .set({ removedAt: databaseNow, isDefault: false })
      .where(
        and(
          eq(paymentSources.customerId, customerId),
          eq(paymentSources.provider, provider),
          isNull(paymentSources.removedAt),
          notInArray(paymentSources.providerSourceId, [...providerSourceIds]),
        ),
      )
      .returning({ id: paymentSources.id });
    return removed.map(({ id }) => id);
  }

  /** A card that a call has made. Where no reading has told of it yet, it counts from the first one that does. */
  async keepMade(tx: Tx, card: NewCard, operationId: string): Promise<PaymentSourceRow> {
    await tx
      .insert(paymentSources)
      .values({ ...card, removedAt: databaseNow })
      .onConflictDoNothing();
    const { provider, providerSourceId } = card;
    await tx
      .update(providerOperations)
      .set({ target: providerSourceId })
      .where(eq(providerOperations.id, operationId));
    const kept = await this.findByProviderId(tx, provider, providerSourceId);
    if (kept === undefined) throw new Error('the card was not kept');
    return kept;
  }

  /** The card that a recorded call has made. Undefined: it was not made, or has not made any yet. */
  async madeBy(db: Queryable, operationId: string): Promise<PaymentSourceRow | undefined> {
    const [row] = await db
      .select({ provider: providerOperations.provider, target: providerOperations.target })
      .from(providerOperations)
      .where(eq(providerOperations.id, operationId));
    if (row === undefined || row.target === null) return undefined;
    return this.findByProviderId(db, row.provider, row.target);
  }
}
