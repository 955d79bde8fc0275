import { sql } from 'drizzle-orm';
import type { Database } from '../../../src/database/database.js';
import { Clock } from '../../../src/kernel/clock.js';

/** Our clock and the database's, moved together. Sleeping moves our own clock and takes no time. */
export class TestClock extends Clock {
  private offsetMs = 0;

  constructor(private readonly database: Database) {
    super();
  }

  override now(): Date {
    return new Date(Date.now() + this.offsetMs);
  }

  override async sleep(milliseconds: number): Promise<void> {
    this.offsetMs += milliseconds;
    await new Promise(setImmediate);
  }

  async advance(seconds: number): Promise<void> {
    this.offsetMs += seconds * 1000;
    await this.database.transaction(async (tx) => {
      // Postgres refuses to replace one function twice at once.
      await tx.execute(sql`select pg_advisory_xact_lock(hashtext('payments_now'))`);
      const span = sql.raw(`interval '${this.offsetMs} milliseconds'`);
      await tx.execute(
        sql`create or replace function payments_now() returns timestamptz language sql stable parallel safe
          as $$ select statement_timestamp() + ${span} $$`,
      );
    });
  }
}
