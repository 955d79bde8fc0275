import { Injectable } from '@nestjs/common';
import { and, eq, ne, type SQL } from 'drizzle-orm';
import { validate } from 'uuid';
import type { Queryable, Tx } from '../../database/database.js';
import type { CardSetup } from '../../providers/embedded.port.js';
import { type CardSetupRow, cardSetups } from './customer.tables.js';

@Injectable()
export class CardSetupStore {
  async findSetup(db: Queryable, id: string): Promise<CardSetupRow | undefined> {
    if (!validate(id)) return undefined;
    return this.one(db, eq(cardSetups.id, id));
  }

  findByProviderSetup(db: Queryable, provider: string, id: string): Promise<CardSetupRow | undefined> {
    return this.one(db, and(eq(cardSetups.provider, provider), eq(cardSetups.providerSetupId, id)));
  }

  async lockSetup(tx: Tx, id: string): Promise<CardSetupRow | undefined> {
    const [row] = await tx.select().from(cardSetups).where(eq(cardSetups.id, id)).for('update');
    return row;
  }

  async insertSetup(tx: Tx, row: typeof cardSetups.$inferInsert): Promise<void> {
    await tx.insert(cardSetups).values(row);
  }

  markOpen(tx: Tx, id: string, { providerSetupId, embed, token, expiresAt }: CardSetup): Promise<void> {
    return this.answered(tx, id, { state: 'open', providerSetupId, embed, token: token ?? null, expiresAt });
  }

  markFailed(tx: Tx, id: string): Promise<void> {
    return this.answered(tx, id, { state: 'failed' });
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

  private async one(db: Queryable, where: SQL | undefined): Promise<CardSetupRow | undefined> {
    const [row] = await db.select().from(cardSetups).where(where);
    return row;
  }

  private async answered(tx: Tx, id: string, patch: Partial<CardSetupRow>): Promise<void> {
    await tx
      .update(cardSetups)
      .set(patch)
      .where(and(eq(cardSetups.id, id), eq(cardSetups.state, 'opening')));
  }
}
