import { Injectable } from '@nestjs/common';
import { Database, type Tx } from '../../database/database.js';
import { ServiceError } from '../../kernel/errors.js';
import type { Operation } from '../../operations/operation.store.js';
import { CapableProviders } from './capable.providers.js';
import { contactOf } from './contact.js';
import { CustomerRecorder } from './customer.calls.js';
import { CustomerRows } from './customer.rows.js';

/** A customer as it is asked for, validated. */
export interface NewCustomer {
  provider?: string | undefined;
  name?: string | undefined;
  email?: string | undefined;
  phone?: string | undefined;
  metadata?: Record<string, string> | undefined;
  token?: string | undefined;
}

/** Records a new customer together with the exact call that will make it at its provider. */
@Injectable()
export class NewCustomers {
  constructor(
    private readonly database: Database,
    private readonly rows: CustomerRows,
    private readonly recorder: CustomerRecorder,
    private readonly providers: CapableProviders,
  ) {}

  /** At the first provider that can do it. @throws ServiceError when none can, by the first one's reason. */
  async record(id: string, input: NewCustomer, group: string): Promise<Operation> {
    let refusal: ServiceError | undefined;
    for (const { name, livemode } of this.providers.candidates(input.provider)) {
      try {
        const row = { id, provider: name, livemode, caller: group };
        return await this.database.transaction((tx) => this.recordAt(tx, input, row));
      } catch (error) {
        if (!(error instanceof ServiceError)) throw error;
        refusal ??= error;
      }
    }
    throw refusal ?? new ServiceError('capability_not_supported', 'no provider can do this');
  }

  private async recordAt(
    tx: Tx,
    input: NewCustomer,
    { livemode, ...row }: { id: string; provider: string; livemode: boolean; caller: string },
  ): Promise<Operation> {
    const { id: customerId, provider } = row;
    const { metadata = {}, token } = input;
    const person = contactOf(input);
    await this.rows.customers.insert(tx, { ...row, ...person, metadata });
    await this.rows.accounts.open(tx, { customerId, provider, livemode });
    const command = { kind: 'create_customer', customerId, ...person, metadata, token } as const;
    return this.recorder.record(tx, customerId, { provider, command });
  }
}
