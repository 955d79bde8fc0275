import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Database } from '../database/database.js';
import { migrationCount, missingIndexNames } from '../database/migrate.js';
import { type Readiness, ReadinessCheck, ReadinessRegistry } from './readiness.js';
import { countAppliedMigrations } from './schema.store.js';

/** More migrations than this build brings is fine: a newer version runs beside this one. */
@Injectable()
export class MigrationsCheck extends ReadinessCheck implements OnModuleInit {
  readonly name = 'migrations';
  override readonly vital = true;
  private readonly expected = migrationCount();
  private areIndexesThere = false;

  constructor(
    private readonly database: Database,
    private readonly registry: ReadinessRegistry,
  ) {
    super();
  }

  onModuleInit(): void {
    this.registry.register(this);
  }

  async check(): Promise<Readiness> {
    const applied = await this.applied();
    if (applied === undefined) return { ok: false, reason: 'the schema cannot be read' };
    if (applied >= this.expected) return this.withoutIndexes();
    return { ok: false, reason: `${applied} of ${this.expected} migrations are applied` };
  }

  private async withoutIndexes(): Promise<Readiness> {
    if (this.areIndexesThere) return { ok: true };
    const missing = await missingIndexNames(this.database);
    this.areIndexesThere = missing.length === 0;
    if (this.areIndexesThere) return { ok: true };
    const note =
      `not built yet: ${missing.join(', ')}. What looks for rows by them is slow until ` +
      '"npm run cli -- migrate --indexes" has run; the service may run meanwhile';
    return { ok: true, note };
  }

  private async applied(): Promise<number | undefined> {
    try {
      return await this.database.onAnyPool(countAppliedMigrations);
    } catch {
      return undefined;
    }
  }
}
