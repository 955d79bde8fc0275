import { createDatabase, dropDatabase } from './postgres.admin.ts';

export interface FreshDatabase {
  readonly url: string;
  /** Removes it, cutting the connections that are still open. */
  drop(): Promise<void>;
}

/**
 * An empty database of its own on the run's one Postgres; with a template, a copy of that database.
 * @throws Error when jest's global setup has not started Postgres
 */
export async function freshDatabase(options: { template?: string } = {}): Promise<FreshDatabase> {
  const adminUrl = process.env.TEST_POSTGRES_URL;
  if (!adminUrl) throw new Error('TEST_POSTGRES_URL is unset: jest runs without its globalSetup');
  const url = await createDatabase(adminUrl, undefined, options);
  const name = decodeURIComponent(new URL(url).pathname.slice(1));
  return { url, drop: () => dropDatabase(adminUrl, name) };
}
