import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Database } from '../../database/database.js';
import { ProviderRegistry } from '../../providers/provider.registry.js';
import { PaymentStore } from './payment.store.js';

/** Refuses test keys on a copy of the live database, which would take itself for the original. */
@Injectable()
export class CopiedDatabaseCheck implements OnModuleInit {
  constructor(
    private readonly database: Database,
    private readonly providers: ProviderRegistry,
    private readonly payments: PaymentStore,
  ) {}

  /** @throws Error that ends the start. */
  async onModuleInit(): Promise<void> {
    for (const { name, livemode } of this.providers.all) {
      if (livemode || !(await this.payments.hasLive(this.database.db, name))) continue;
      throw new Error(
        `${name} has a test key, and this database holds its live payments: give the test key a database of its own`,
      );
    }
  }
}
