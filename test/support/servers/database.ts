import { randomUUID } from 'node:crypto';
import pg from 'pg';

export interface FreshDatabase {
  readonly url: string;
  /** Removes it, cutting the connections that are still open. */
  drop(): Promise<void>;
}

const MIGRATED = 'migrated';
/** Any number: of those who want the migrated database first, one makes it. */
const TEMPLATE_LOCK = 4_711;

/**
 * An empty database of its own on the run's one Postgres; with a template, a copy of that database.
 * @throws Error when jest's global setup has not started Postgres
 */
export async function freshDatabase({ template }: { template?: string } = {}): Promise<FreshDatabase> {
  const adminUrl = runsPostgres();
  const url = await createDatabase(adminUrl, `test_${randomUUID()}`, template);
  const name = decodeURIComponent(new URL(url).pathname.slice(1));
  return {
    url,
    drop: () => runStatement(adminUrl, `drop database if exists ${pg.escapeIdentifier(name)} with (force)`),
  };
}

let migrated: Promise<void> | undefined;

/** The same with the whole schema: a copy of one that was migrated once in this run. */
export async function freshMigratedDatabase(): Promise<FreshDatabase> {
  migrated ??= makeTemplate(runsPostgres());
  await migrated;
  return freshDatabase({ template: MIGRATED });
}

/**
 * Creates a database on the server of this URL, a copy of the template where one is named (nobody may be
 * connected to that one).
 * @returns the new database's URL
 */
export async function createDatabase(adminUrl: string, name: string, template?: string): Promise<string> {
  const copied = template === undefined ? '' : ` template ${pg.escapeIdentifier(template)}`;
  await runStatement(adminUrl, `create database ${pg.escapeIdentifier(name)}${copied}`);
  const url = new URL(adminUrl);
  url.pathname = `/${encodeURIComponent(name)}`;
  return url.href;
}

/** Runs one statement on a connection of its own. */
export async function runStatement(connection: string | pg.ClientConfig, statement: string): Promise<void> {
  await onConnection(connection, (client) => client.query(statement));
}

async function makeTemplate(adminUrl: string): Promise<void> {
  await onConnection(adminUrl, async (client) => {
    await client.query('select pg_advisory_lock($1)', [TEMPLATE_LOCK]);
    const made = await client.query('select 1 from pg_database where datname = $1', [MIGRATED]);
    if (made.rows.length > 0) return;
    // Loaded by the one process that makes it.
    const { Database } = await import('../../../src/database/database.js');
    const { migrate } = await import('../../../src/database/migrate.js');
    const draft = `migrating_${randomUUID()}`;
    const database = Database.open({ url: await createDatabase(adminUrl, draft), onError: () => undefined });
    await migrate(database).finally(() => database.close());
    await client.query(`alter database ${pg.escapeIdentifier(draft)} rename to ${MIGRATED}`);
  });
}

async function onConnection<T>(
  connection: string | pg.ClientConfig,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client(connection);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

function runsPostgres(): string {
  const adminUrl = process.env.TEST_POSTGRES_URL;
  if (!adminUrl) throw new Error('TEST_POSTGRES_URL is unset: jest runs without its globalSetup');
  return adminUrl;
}
