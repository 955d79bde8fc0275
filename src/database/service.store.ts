import { Injectable } from '@nestjs/common';
import { eq, sql } from 'drizzle-orm';
import { randomUUID } from 'node:crypto';
import { InstallationId } from '../kernel/ids.js';
import { Database, databaseNow, type Queryable } from './database.js';
import { installations, serviceFacts } from './service.tables.js';

/** Its id marks all that we make at a provider: staging and production on one account tell theirs apart. */
export class Installation extends InstallationId {
  constructor(readonly id: string) {
    super();
  }

  /** Remembers the id for ever. `configured` undefined: the one that this database got at its first start. */
  static async open(db: Queryable, configured: string | undefined): Promise<Installation> {
    const made = configured === undefined;
    await db
      .insert(installations)
      .values({ id: configured ?? randomUUID(), made })
      .onConflictDoNothing();
    if (configured !== undefined) return new Installation(configured);
    const [row] = await db.select().from(installations).where(eq(installations.made, true));
    if (row === undefined) throw new Error('the installation id was not kept');
    return new Installation(row.id);
  }

  /** Another process of ours may have begun to use another id. */
  async isOurs(db: Queryable, id: string): Promise<boolean> {
    if (id === this.id) return true;
    const found = await db.select().from(installations).where(eq(installations.id, id));
    return found.length > 0;
  }
}

export type ServiceFact = 'first_start' | 'orders_lookup_answered';

@Injectable()
export class ServiceFacts {
  /** The moment of the fact; now, the first time that anybody asks. */
  async dateOf(db: Queryable, name: ServiceFact): Promise<Date> {
    await db.insert(serviceFacts).values({ name }).onConflictDoNothing();
    const [row] = await db.select().from(serviceFacts).where(eq(serviceFacts.name, name));
    if (row === undefined) throw new Error(`the fact ${name} was not kept`);
    return row.at;
  }

  /** @returns whether it is new */
  async learn(db: Queryable, name: ServiceFact): Promise<boolean> {
    const learned = await db.insert(serviceFacts).values({ name }).onConflictDoNothing().returning();
    return learned.length > 0;
  }

  async holds(db: Queryable, name: ServiceFact): Promise<boolean> {
    const rows = await db.select().from(serviceFacts).where(eq(serviceFacts.name, name));
    return rows.length > 0;
  }
}

@Injectable()
export class DatabaseClock {
  constructor(private readonly database: Database) {}

  now(): Promise<Date> {
    return timeOf(this.database.db);
  }
}

/** The database's time; within a transaction that of its statement. */
export async function timeOf(db: Queryable): Promise<Date> {
  const [row] = await db
    .select({ now: sql<Date>`${databaseNow}`.mapWith(serviceFacts.at) })
    .from(sql`(select 1) as one`);
  if (row === undefined) throw new Error('the database did not tell the time');
  return row.now;
}
