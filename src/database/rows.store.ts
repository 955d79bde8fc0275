import { getTableColumns, getTableName, type InferInsertModel, type SQL, sql } from 'drizzle-orm';
import type { PgColumn, PgTable } from 'drizzle-orm/pg-core';
import type { Queryable } from './database.js';

/**
 * Inserts any number of rows by one statement, whose text depends on nothing but the names of their columns.
 * @param rows all with the same keys; what they leave out gets its default.
 * @returns how many were inserted: those that break a unique index with `onConflict: 'skip'` are not.
 */
export async function insertRows<T extends PgTable>(
  db: Queryable,
  table: T,
  rows: readonly InferInsertModel<T>[],
  { onConflict }: { onConflict?: 'skip' } = {},
): Promise<number> {
  const [first] = rows;
  if (first === undefined) return 0;
  const columns = columnsOf(table, first);
  const names = sql.raw(columns.map(([, name]) => `"${name}"`).join(', '));
  const skip = sql.raw(onConflict === 'skip' ? ' on conflict do nothing' : '');
  const { rowCount } = await db.execute(
    sql`insert into ${named(table)} (${names}) select ${names} from ${recordsOf(table, columns, rows)}${skip}`,
  );
  return rowCount ?? 0;
}

/**
 * Updates any number of rows by one statement.
 * @param rows all with the same keys, each with all of `keys`.
 * @param keys which row it is, and what it must still be.
 * @returns how many were found.
 */
export async function updateRows<T extends PgTable, K extends keyof InferInsertModel<T> & string>(
  db: Queryable,
  table: T,
  rows: readonly InferInsertModel<T>[],
  keys: readonly K[],
): Promise<number> {
  const [first] = rows;
  if (first === undefined) return 0;
  const columns = columnsOf(table, first);
  const isKey = new Set<string>(keys);
  const set = columns.filter(([key]) => !isKey.has(key)).map(([, name]) => `"${name}" = n."${name}"`);
  const where = columns.filter(([key]) => isKey.has(key)).map(([, name]) => `t."${name}" = n."${name}"`);
  const { rowCount } = await db.execute(
    sql`update ${named(table)} as t set ${sql.raw(set.join(', '))} from ${recordsOf(table, columns, rows)} as n where ${sql.raw(where.join(' and '))}`,
  );
  return rowCount ?? 0;
}

/** One parameter for any number of values: the statement's text stays the same. */
export function isAny(column: PgColumn, values: readonly string[]): SQL {
  return sql`${column} = any(${sql.param([...values])})`;
}

/** Key in the row, and name in the database. */
type ColumnNames = readonly (readonly [key: string, name: string])[];

function columnsOf(table: PgTable, row: object): ColumnNames {
  return Object.entries(getTableColumns(table))
    .filter(([key]) => key in row)
    .map(([key, { name }]) => [key, name] as const);
}

function named(table: PgTable): SQL {
  return sql.raw(`"${getTableName(table)}"`);
}

/** One parameter for all rows: JSON, which Postgres reads by the types of the table's columns. */
function recordsOf(table: PgTable, columns: ColumnNames, rows: readonly object[]): SQL {
  const records = rows.map((row) => {
    const values = new Map<string, unknown>(Object.entries(row));
    return Object.fromEntries(columns.map(([key, name]) => [name, values.get(key)]));
  });
  return sql`json_populate_recordset(null::${named(table)}, ${JSON.stringify(records, asJson)}::json)`;
}

/** JSON has no bigint, and Postgres no half of a surrogate pair. */
function asJson(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  return typeof value === 'string' ? value.toWellFormed() : value;
}
