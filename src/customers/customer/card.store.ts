import { Injectable } from '@nestjs/common';
import { and, asc, eq, inArray, isNull, ne, notInArray, type SQL, sql } from 'drizzle-orm';
import { validate } from 'uuid';
import { databaseNow, type Queryable, type Tx } from '../../database/database.js';
import { providerOperations } from '../../operations/operation.tables.js';
import type { CardSetup } from '../../providers/billing.ports.js';
import { type CardSetupRow, cardSetups, paymentSources, type PaymentSourceRow } from './customer.tables.js';

export type NewCard = typeof paymentSources.$inferInsert;

/** What charges saved cards by itself, such as subscriptions. */
export interface CardUse {
  /** Ids of what charges this card, by its name or as the customer's default one. */
  chargedBy(tx: Tx, card: PaymentSourceRow): Promise<readonly string[]>;
  /** The provider has these cards no more. */
  removed(tx: Tx, cardIds: readonly string[]): Promise<void>;
}

@Injectable()
export class CardStore {
  private readonly uses: CardUse[] = [];

  /** Rooms that charge saved cards register when they are made. */
  register(use: CardUse): void {
    this.uses.push(use);
  }

  async chargedBy(tx: Tx, card: PaymentSourceRow): Promise<string[]> {
    const ids: string[] = [];
    for (const use of this.uses) ids.push(...(await use.chargedBy(tx, card)));
    return ids;
  }

  /** Without those that were removed; the oldest first. */
  cardsOf(db: Queryable, customerIds: readonly string[], provider?: string): Promise<PaymentSourceRow[]> {
    const areTheirs = inArray(paymentSources.customerId, [...customerIds]);
    const isThere = provider === undefined ? undefined : eq(paymentSources.provider, provider);
    return db
      .select()
      .from(paymentSources)
      .where(and(areTheirs, isNull(paymentSources.removedAt), isThere))
      .orderBy(asc(paymentSources.createdAt), asc(paymentSources.id));
  }

  async findCard(db: Queryable, id: string): Promise<PaymentSourceRow | undefined> {
    if (!validate(id)) return undefined;
    const [row] = await db.select().from(paymentSources).where(eq(paymentSources.id, id));
    return row;
  }

  async findByProviderId(
    db: Queryable,
    provider: string,
    providerSourceId: string,
  ): Promise<PaymentSourceRow | undefined> {
    const { provider: at, providerSourceId: id } = paymentSources;
    const isIt = and(eq(at, provider), eq(id, providerSourceId));
    const [row] = await db.select().from(paymentSources).where(isIt);
    return row;
  }

  /** The customer's cards at the provider are these and no others; one that is known keeps its own id. */
  async keepOnly(
    tx: Tx,
    { customerId, provider }: Pick<PaymentSourceRow, 'customerId' | 'provider'>,
    cards: readonly NewCard[],
  ): Promise<void> {
    const present = cards.map(({ providerSourceId }) => providerSourceId);
    const isTheirs = and(eq(paymentSources.customerId, customerId), eq(paymentSources.provider, provider));
    const isGone = and(
      isNull(paymentSources.removedAt),
      notInArray(paymentSources.providerSourceId, present),
    );
    const gone = await tx
      .update(paymentSources)
      .set({ removedAt: databaseNow, isDefault: false })
      .where(and(isTheirs, isGone))
      .returning({ id: paymentSources.id });
    if (cards.length > 0)
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
    if (gone.length === 0) return;
    const ids = gone.map(({ id }) => id);
    for (const use of this.uses) await use.removed(tx, ids);
  }

  /** A card that a call has made. It counts from the first reading that tells of it. */
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

  /** The card that a recorded call has made; undefined: none, or none yet. */
  async madeBy(db: Queryable, operationId: string): Promise<PaymentSourceRow | undefined> {
    const { provider, providerSourceId } = paymentSources;
    const { id, provider: at, target } = providerOperations;
    const [row] = await db
      .select({ card: paymentSources })
      .from(paymentSources)
      .innerJoin(providerOperations, and(eq(at, provider), eq(target, providerSourceId)))
      .where(eq(id, operationId));
    return row?.card;
  }

  async findSetup(db: Queryable, id: string): Promise<CardSetupRow | undefined> {
    if (!validate(id)) return undefined;
    return this.oneSetup(db, eq(cardSetups.id, id));
  }

  findSetupAtProvider(db: Queryable, provider: string, id: string): Promise<CardSetupRow | undefined> {
    return this.oneSetup(db, and(eq(cardSetups.provider, provider), eq(cardSetups.providerSetupId, id)));
  }

  async lockSetup(tx: Tx, id: string): Promise<CardSetupRow | undefined> {
    const [row] = await tx.select().from(cardSetups).where(eq(cardSetups.id, id)).for('update');
    return row;
  }

  async insertSetup(tx: Tx, row: typeof cardSetups.$inferInsert): Promise<void> {
    await tx.insert(cardSetups).values(row);
  }

  /** The provider's answer. @param setup undefined: it refused. */
  async markSetupAnswered(tx: Tx, id: string, setup?: CardSetup): Promise<void> {
    const { providerSetupId, embed, token = null, expiresAt } = setup ?? {};
    const state = setup === undefined ? 'failed' : 'open';
    await tx
      .update(cardSetups)
      .set({ state, providerSetupId, embed, token, expiresAt })
      .where(and(eq(cardSetups.id, id), eq(cardSetups.state, 'opening')));
  }

  /** The first word stands. */
  async markSetupSaved(
    db: Queryable,
    id: string,
    result: { sourceId?: string | undefined; token?: string | undefined },
  ): Promise<void> {
    await db
      .update(cardSetups)
      .set({ ...result, state: 'saved' })
      .where(and(eq(cardSetups.id, id), ne(cardSetups.state, 'saved')));
  }

  private async oneSetup(db: Queryable, where: SQL | undefined): Promise<CardSetupRow | undefined> {
    const [row] = await db.select().from(cardSetups).where(where);
    return row;
  }
}
