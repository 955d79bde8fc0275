import { Injectable } from '@nestjs/common';
import { and, desc, eq, inArray, isNull, lt, type SQL, sql } from 'drizzle-orm';
import { validate } from 'uuid';
import { databaseNow, type Queryable, type Tx } from '../../database/database.js';
import type { Contact } from './contact.js';
import { type CustomerRow, customers, foldedEmail } from './customer.tables.js';

export type NewCustomerRow = typeof customers.$inferInsert;

export interface CustomerFilter {
  /** In whatever case. */
  email?: string | undefined;
  /** Only customers that these callers made. */
  callers?: readonly string[] | undefined;
  /** Only customers older than this id. */
  before?: string | undefined;
  limit: number;
}

export interface CustomerPatch extends Contact {
  metadata?: Record<string, string> | undefined;
  deleted?: boolean | undefined;
}

@Injectable()
export class CustomerStore {
  async find(db: Queryable, id: string): Promise<CustomerRow | undefined> {
    if (!validate(id)) return undefined;
    const [row] = await db.select().from(customers).where(eq(customers.id, id));
    return row;
  }

  /** Whatever is done about a customer, its accounts and its cards is done under this lock. */
  async lock(tx: Tx, id: string): Promise<CustomerRow | undefined> {
    const [row] = await tx.select().from(customers).where(eq(customers.id, id)).for('update');
    return row;
  }

  async insert(tx: Tx, row: NewCustomerRow): Promise<CustomerRow> {
    const [inserted] = await tx.insert(customers).values(row).returning();
    if (inserted === undefined) throw new Error('the customer was not inserted');
    return inserted;
  }

  /** The next version. Guarded by the one that the caller read under the row's lock. */
  async update(tx: Tx, { id, version }: CustomerRow, patch: CustomerPatch): Promise<CustomerRow> {
    const { deleted, ...values } = patch;
    const [updated] = await tx
      .update(customers)
      .set({
        ...values,
        ...(deleted === true && { deletedAt: databaseNow }),
        version: version + 1,
        updatedAt: databaseNow,
      })
      .where(and(eq(customers.id, id), eq(customers.version, version)))
      .returning();
    if (updated === undefined) throw new Error(`customer ${id} changed under its lock`);
    return updated;
  }

  /** The provider refused to make it, and nobody was told of it: it never was. */
  async discard(tx: Tx, id: string): Promise<void> {
    await tx
      .update(customers)
      .set({ deletedAt: databaseNow })
      .where(and(eq(customers.id, id), eq(customers.version, 0)));
  }

  /** Newest first, without those that are deleted. */
  list(db: Queryable, filter: CustomerFilter): Promise<CustomerRow[]> {
    const conditions: (SQL | undefined)[] = [
      isNull(customers.deletedAt),
      filter.email === undefined ? undefined : eq(foldedEmail, sql`lower(${filter.email})`),
      filter.callers === undefined ? undefined : inArray(customers.caller, [...filter.callers]),
      filter.before === undefined ? undefined : lt(customers.id, filter.before),
    ];
    return db
      .select()
      .from(customers)
      .where(and(...conditions))
      .orderBy(desc(customers.id))
      .limit(filter.limit);
  }
}
