import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Database } from '../database/database.js';
import { type Readiness, ReadinessCheck, ReadinessRegistry } from './readiness.js';

@Injectable()
export class DatabaseCheck extends ReadinessCheck implements OnModuleInit {
  readonly name = 'database';
  override readonly vital = true;

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
    try {
      await this.database.ping();
      return { ok: true };
    } catch {
      return { ok: false, reason: 'the database does not answer' };
    }
  }
}
