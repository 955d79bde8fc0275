import { Database } from '../../../src/database/database.js';
import { freshMigratedDatabase } from '../servers/database.js';

export interface MigratedDatabase {
  database: Database;
  url: string;
  drop(): Promise<void>;
}

/** A database of its own on the run's Postgres, with the whole schema. */
export async function migratedDatabase(): Promise<MigratedDatabase> {
  const fresh = await freshMigratedDatabase();
  const database = Database.open({ url: fresh.url, poolSize: 5, onError: () => undefined });
  return {
    database,
    url: fresh.url,
    async drop() {
      await database.close();
      await fresh.drop();
    },
  };
}
