import { PGlite } from '@electric-sql/pglite';
import { drizzle, type PgliteDatabase } from 'drizzle-orm/pglite';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Database, type Db } from './database.js';
import { DirectoryLock } from './directory.lock.js';

const INT8 = 20;

/** Postgres inside this process, for development and tests: one connection, no fsync. */
export class EmbeddedDatabase extends Database {
  readonly embedded = true;
  private readonly own: PgliteDatabase;

  private constructor(
    private readonly client: PGlite,
    private readonly lock: DirectoryLock | undefined,
  ) {
    super();
    this.own = drizzle(client);
  }

  get db(): Db {
    return this.own;
  }

  /**
   * @param directory where the rows are kept, or `memory://`.
   * @param snapshot a dumped data directory to start from (tests).
   * @throws Error when another process has the directory.
   */
  static async open(directory: string, snapshot?: Blob): Promise<EmbeddedDatabase> {
    const lock = await lockFor(directory);
    try {
      const client = await PGlite.create({
        dataDir: directory.startsWith('memory://') ? directory : join(directory, 'pglite'),
        parsers: { [INT8]: BigInt },
        ...(snapshot === undefined ? {} : { loadDataDir: snapshot }),
      });
      return new EmbeddedDatabase(client, lock);
    } catch (error) {
      await lock?.release();
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.client.close();
    await this.lock?.release();
  }

  /** The whole data directory, to start another database from. */
  dump(): Promise<Blob> {
    return this.client.dumpDataDir('none');
  }
}

async function lockFor(directory: string): Promise<DirectoryLock | undefined> {
  if (directory.startsWith('memory://')) return undefined;
  await mkdir(directory, { recursive: true });
  return DirectoryLock.acquire(directory);
}
