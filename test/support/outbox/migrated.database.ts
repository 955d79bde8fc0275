import { migrate } from '../../../src/database/migrate.js';
import { PostgresDatabase } from '../../../src/database/postgres.database.js';
import { freshDatabase } from '../servers/database.js';

export interface MigratedDatabase {
  database: PostgresDatabase;
  url: string;
  drop(): Promise<void>;
}

/** A database of its own on the run's Postgres, with the whole schema. */
export async function migratedDatabase(): Promise<MigratedDatabase> {
  const fresh = await freshDatabase();
  const database = PostgresDatabase.open({ url: fresh.url, poolSize: 5, onError: () => undefined });
  await migrate(database);
  return {
    database,
    url: fresh.url,
    async drop() {
      await database.close();
      await fresh.drop();
    },
  };
}
