import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Database } from '../database/database.js';
import { appliedMigrations, migrationCount, missingIndexNames } from '../database/migrate.js';
import { type Readiness, ReadinessRegistry } from './readiness.js';

/** Without a database that answers, and whose schema is up to date, no work may be sent here. */
@Injectable()
export class DatabaseChecks implements OnModuleInit {
  private readonly expected = migrationCount();
  private areIndexesThere = false;

  constructor(
    private readonly database: Database,
    private readonly registry: ReadinessRegistry,
  ) {}

  onModuleInit(): void {
    this.registry.register({ name: 'database', vital: true, check: () => this.connection() });
    this.registry.register({ name: 'migrations', vital: true, check: () => this.migrations() });
  }

  private async connection(): Promise<Readiness> {
    try {
      await this.database.ping();
      return { ok: true };
    } catch {
      return { ok: false, reason: 'the database does not answer' };
    }
  }

  /** More migrations than this build brings is fine: a newer version runs beside this one. */
  private async migrations(): Promise<Readiness> {
    const asked = this.database.onAnyPool(async (db) => (await appliedMigrations(db)).count);
    const applied = await asked.catch(() => undefined);
    if (applied === undefined) return { ok: false, reason: 'the schema cannot be read' };
    if (applied < this.expected)
      return { ok: false, reason: `${applied} of ${this.expected} migrations are applied` };
    if (this.areIndexesThere) return { ok: true };
    const missing = await missingIndexNames(this.database);
    this.areIndexesThere = missing.length === 0;
    if (this.areIndexesThere) return { ok: true };
    const note =
      `not built yet: ${missing.join(', ')}. What looks for rows by them is slow until ` +
      '"npm run cli -- migrate --indexes" has run; the service may run meanwhile';
    return { ok: true, note };
  }
}
