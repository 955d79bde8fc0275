import { Injectable } from '@nestjs/common';
import { DatabaseClock } from '../../database/database.clock.js';
import { Database, type Tx } from '../../database/database.js';
import type { Applied, Cause } from '../../kernel/applied.js';
import { OutboxSignal } from '../../outbox/outbox.signal.js';
import { AccountStore } from './account.store.js';
import { CapableProviders } from './capable.providers.js';
import { CustomerApplier, type CustomerReading } from './customer.applier.js';

/** How often a reading is repeated that others overtook. */
const TRIES = 3;

@Injectable()
export class CustomerReader {
  constructor(
    private readonly clock: DatabaseClock,
    private readonly providers: CapableProviders,
  ) {}

  /** @throws ProviderError when the provider cannot be asked. */
  async read(provider: string, providerCustomerId: string): Promise<CustomerReading> {
    const readFrom = await this.clock.now();
    const fact = await this.providers.keeping(provider).customers.retrieve(providerCustomerId);
    return { fact, readFrom };
  }
}

/** Asks the provider how a customer stands now, and applies it. */
@Injectable()
export class CustomerTruth {
  constructor(
    private readonly database: Database,
    private readonly reader: CustomerReader,
    private readonly accounts: AccountStore,
    private readonly applier: CustomerApplier,
    private readonly signal: OutboxSignal,
  ) {}

  /** @throws ProviderError when the provider cannot be asked. */
  read(provider: string, providerCustomerId: string): Promise<CustomerReading> {
    return this.reader.read(provider, providerCustomerId);
  }

  /** `parked`: it was overtaken while it was read, and has to be read again. */
  apply(tx: Tx, reading: CustomerReading, _cause: Cause): Promise<Applied> {
    return this.applier.apply(tx, reading);
  }

  /** Nothing where the provider does not have the customer. @throws ProviderError */
  async refresh(customerId: string, provider: string, cause: Cause): Promise<void> {
    const account = await this.accounts.find(this.database.db, { customerId, provider });
    const id = account?.providerCustomerId ?? undefined;
    if (id === undefined) return;
    for (let left = TRIES; left > 0; left -= 1) {
      const reading = await this.read(provider, id);
      const applied = await this.database.transaction((tx) => this.apply(tx, reading, cause));
      this.signal.wake();
      if (applied.kind !== 'parked') return;
    }
  }
}
