import { eq } from 'drizzle-orm';
import { randomUUID } from 'node:crypto';
import { InstallationId } from '../kernel/ids.js';
import type { Queryable } from './database.js';
import { installations } from './service.tables.js';

/**
 * Which installation this is. Its id goes into the metadata of everything that we make at a provider, so that several
 * installations (staging and production) on one account tell theirs apart.
 */
export class Installation extends InstallationId {
  constructor(readonly id: string) {
    super();
  }

  /**
   * Remembers the id for ever.
   * @param configured INSTALLATION_ID; undefined: the id that this database got at its first start.
   */
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

  /** Asks the database about an id that is not the present one: another process of ours may have begun to use it. */
  async isOurs(db: Queryable, id: string): Promise<boolean> {
    if (id === this.id) return true;
    const found = await db.select().from(installations).where(eq(installations.id, id));
    return found.length > 0;
  }
}
