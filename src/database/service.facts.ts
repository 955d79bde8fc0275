import { Injectable } from '@nestjs/common';
import { eq } from 'drizzle-orm';
import type { Queryable } from './database.js';
import { serviceFacts } from './service.tables.js';

export type ServiceFact = 'first_start' | 'orders_lookup_answered';

/** Facts about this installation that are written once and kept. */
@Injectable()
export class ServiceFacts {
  /** The moment of the fact; now, the first time that anybody asks. */
  async dateOf(db: Queryable, name: ServiceFact): Promise<Date> {
    await db.insert(serviceFacts).values({ name }).onConflictDoNothing();
    const [row] = await db.select().from(serviceFacts).where(eq(serviceFacts.name, name));
    if (row === undefined) throw new Error(`the fact ${name} was not kept`);
    return row.at;
  }

  /** Writes it down as true from now on. @returns whether it is new */
  async learn(db: Queryable, name: ServiceFact): Promise<boolean> {
    const learned = await db.insert(serviceFacts).values({ name }).onConflictDoNothing().returning();
    return learned.length > 0;
  }

  async holds(db: Queryable, name: ServiceFact): Promise<boolean> {
    const rows = await db.select().from(serviceFacts).where(eq(serviceFacts.name, name));
    return rows.length > 0;
  }
}
