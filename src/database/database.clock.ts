import { Injectable } from '@nestjs/common';
import { sql } from 'drizzle-orm';
import { Database, databaseNow } from './database.js';
import { serviceFacts } from './service.tables.js';

/** The time by the database, for what several processes compare. */
@Injectable()
export class DatabaseClock {
  constructor(private readonly database: Database) {}

  async now(): Promise<Date> {
    const [row] = await this.database.db
      .select({ now: sql<Date>`${databaseNow}`.mapWith(serviceFacts.at) })
      .from(sql`(select 1) as one`);
    if (row === undefined) throw new Error('the database did not tell the time');
    return row.now;
  }
}
