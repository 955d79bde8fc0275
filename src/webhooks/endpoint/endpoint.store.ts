import { Injectable } from '@nestjs/common';
import { and, asc, eq, getTableColumns, gt, inArray, isNull, or, type SQL } from 'drizzle-orm';
import { databaseNow, databaseNowPlus, type Queryable, type Tx } from '../../database/database.js';
import { type EndpointRow, webhookEndpoints, webhookKeys, type WebhookKeyRow } from './endpoint.tables.js';

type NewEndpoint = typeof webhookEndpoints.$inferInsert;
export type NewWebhookKey = typeof webhookKeys.$inferInsert;

/** An endpoint that we registered and have not deleted, with the keys that its deliveries may be signed with. */
export interface HeldEndpoint {
  row: EndpointRow;
  /** Oldest first; those with `retiredAt` end at that moment. */
  keys: WebhookKeyRow[];
}

@Injectable()
export class EndpointStore {
  list(db: Queryable, provider: string): Promise<HeldEndpoint[]> {
    return this.select(db, eq(webhookEndpoints.provider, provider));
  }

  async find(db: Queryable, id: string): Promise<HeldEndpoint | undefined> {
    return (await this.select(db, eq(webhookEndpoints.id, id)))[0];
  }

  private async select(db: Queryable, condition: SQL): Promise<HeldEndpoint[]> {
    const rows = await db
      .select()
      .from(webhookEndpoints)
      .where(and(isNull(webhookEndpoints.deletedAt), condition))
      .orderBy(asc(webhookEndpoints.createdAt), asc(webhookEndpoints.id));
    if (rows.length === 0) return [];
    const ids = rows.map((row) => row.id);
    const keys = await db
      .select()
      .from(webhookKeys)
      .where(and(inArray(webhookKeys.endpointId, ids), isAccepted()))
      .orderBy(asc(webhookKeys.createdAt), asc(webhookKeys.id));
    return rows.map((row) => ({ row, keys: keys.filter((key) => key.endpointId === row.id) }));
  }

  /** Every key that the provider's deliveries may be signed with, with its endpoint's mode. */
  acceptedKeys(db: Queryable, provider: string): Promise<(WebhookKeyRow & { livemode: boolean })[]> {
    return db
      .select({ ...getTableColumns(webhookKeys), livemode: webhookEndpoints.livemode })
      .from(webhookKeys)
      .innerJoin(webhookEndpoints, eq(webhookEndpoints.id, webhookKeys.endpointId))
      .where(and(eq(webhookKeys.provider, provider), isAccepted()))
      .orderBy(asc(webhookKeys.createdAt), asc(webhookKeys.id));
  }

  /** False when the URL, or the provider's endpoint, is held already. */
  async insert(tx: Tx, endpoint: NewEndpoint, key: NewWebhookKey): Promise<boolean> {
    const inserted = await tx
      .insert(webhookEndpoints)
      .values(endpoint)
      .onConflictDoNothing()
      .returning({ id: webhookEndpoints.id });
    if (inserted.length === 0) return false;
    await tx.insert(webhookKeys).values(key);
    return true;
  }

  /**
   * Adds a rotation's key and the provider's id of the endpoint, which may be another one now. False when it was
   * deleted or rotated since `before`.
   */
  async insertRotated(tx: Tx, before: HeldEndpoint, remoteId: string, key: NewWebhookKey): Promise<boolean> {
    const { id } = before.row;
    const [locked] = await tx
      .select({ deletedAt: webhookEndpoints.deletedAt })
      .from(webhookEndpoints)
      .where(eq(webhookEndpoints.id, id))
      .for('update');
    if (locked === undefined || locked.deletedAt !== null) return false;
    const newest = (await this.find(tx, id))?.keys.at(-1);
    if (newest?.id !== before.keys.at(-1)?.id) return false;
    await tx.update(webhookEndpoints).set({ remoteId }).where(eq(webhookEndpoints.id, id));
    await tx.insert(webhookKeys).values(key);
    return true;
  }

  /** From then on nothing signed with the key is authentic. */
  async retireKey(db: Queryable, keyId: string, inMs: number): Promise<void> {
    await db
      .update(webhookKeys)
      .set({ retiredAt: databaseNowPlus(inMs) })
      .where(and(eq(webhookKeys.id, keyId), isNull(webhookKeys.retiredAt)));
  }

  /** The endpoint, and all of its keys, at once. */
  async delete(tx: Tx, id: string): Promise<void> {
    await tx.update(webhookEndpoints).set({ deletedAt: databaseNow }).where(eq(webhookEndpoints.id, id));
    await tx
      .update(webhookKeys)
      .set({ retiredAt: databaseNow })
      .where(and(eq(webhookKeys.endpointId, id), isAccepted()));
  }
}

function isAccepted(): SQL | undefined {
  return or(isNull(webhookKeys.retiredAt), gt(webhookKeys.retiredAt, databaseNow));
}
