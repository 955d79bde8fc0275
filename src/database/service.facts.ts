import { Injectable } from '@nestjs/common';
import { eq } from 'drizzle-orm';
import type { Queryable } from './database.js';
import { serviceFacts } from './service.tables.js';

export type ServiceFact = 'first_start';

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
}
