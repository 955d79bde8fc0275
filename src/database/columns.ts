import { sql } from 'drizzle-orm';
import { bigint, customType, timestamp } from 'drizzle-orm/pg-core';

/** int8 as bigint: minor units and sequence numbers never pass through a double. */
export const int8 = (name: string) => bigint(name, { mode: 'bigint' });

export const instant = (name: string) => timestamp(name, { withTimezone: true, precision: 3, mode: 'date' });

/** When the row was written, by the database's clock. */
export const instantNow = (name: string) =>
  instant(name)
    .notNull()
    .default(sql`payments_now()`);

export const bytes = customType<{ data: Uint8Array; driverData: Uint8Array }>({
  dataType: () => 'bytea',
});
