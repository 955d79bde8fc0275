import { Injectable } from '@nestjs/common';
import { and, eq, ne } from 'drizzle-orm';
import { validate } from 'uuid';
import type { Queryable, Tx } from '../../database/database.js';
import type { CardSetup } from '../../providers/billing.ports.js';
import { type CardSetupRow, cardSetups } from './customer.tables.js';

@Injectable()
export class CardSetupStore {
  async findSetup(db: Queryable, id: string): Promise<CardSetupRow | undefined> {
    if (!validate(id)) return undefined;
    const [row] = await db.select().from(cardSetups).where(eq(cardSetups.id, id));
    return row;
  }

  async findByProviderSetup(
    db: Queryable,
    provider: string,
    providerSetupId: string,
  ): Promise<CardSetupRow | undefined> {
    const [row] = await db
      .select()
      .from(cardSetups)
      .where(and(eq(cardSetups.provider, provider), eq(cardSetups.providerSetupId, providerSetupId)));
    return row;
  }

  async lockSetup(tx: Tx, id: string): Promise<CardSetupRow | undefined> {
    const [row] = await tx.select().from(cardSetups).where(eq(cardSetups.id, id)).for('update');
    return row;
  }

  async insertSetup(tx: Tx, row: typeof cardSetups.$inferInsert): Promise<void> {
    await tx.insert(cardSetups).values(row);
  }

  async markOpen(tx: Tx, id: string, { providerSetupId, embed, token, expiresAt }: CardSetup): Promise<void> {
    await tx
      .update(cardSetups)
      .set({ state: 'open', providerSetupId, embed, token: token ?? null, expiresAt })
      .where(and(eq(cardSetups.id, id), eq(cardSetups.state, 'opening')));
  }

  async markFailed(tx: Tx, id: string): Promise<void> {
    await tx
      .update(cardSetups)
      .set({ state: 'failed' })
      .where(and(eq(cardSetups.id, id), eq(cardSetups.state, 'opening')));
  }

  /** The first word stands. */
  async markSaved(
    db: Queryable,
    id: string,
    result: { sourceId?: string | undefined; token?: string | undefined },
  ): Promise<void> {
    await db
      .update(cardSetups)
      .set({ ...result, state: 'saved' })
      .where(and(eq(cardSetups.id, id), ne(cardSetups.state, 'saved')));
  }
}
