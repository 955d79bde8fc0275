import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.js';
import type { Cause } from '../../kernel/cause.js';
import { ServiceError } from '../../kernel/errors.js';
import { CustomerCalls } from '../customer/customer.calls.js';
import { CustomerRows } from '../customer/customer.rows.js';
import type { CustomerRow } from '../customer/customer.tables.js';
import type { PaymentSourceRow } from './card.tables.js';

/** Changes what is done with a card that is there. */
@Injectable()
export class CardChanges {
  constructor(
    private readonly database: Database,
    private readonly rows: CustomerRows,
    private readonly calls: CustomerCalls,
  ) {}

  /** One that the provider does not have any more is removed, too. @throws as CustomerCalls.make does. */
  async remove(customer: CustomerRow, card: PaymentSourceRow, cause: Cause): Promise<void> {
    try {
      await this.ask('remove_card', customer, card, cause);
    } catch (error) {
      const kept = await this.rows.cards.find(this.database.db, card.id);
      if (!(error instanceof ServiceError) || kept?.removedAt === null) throw error;
    }
  }

  /** Of its customer at its provider. @throws as CustomerCalls.make does. */
  async makeDefault(customer: CustomerRow, card: PaymentSourceRow, cause: Cause): Promise<PaymentSourceRow> {
    await this.ask('set_default_card', customer, card, cause);
    return (await this.rows.cards.find(this.database.db, card.id)) ?? card;
  }

  private async ask(
    kind: 'remove_card' | 'set_default_card',
    customer: CustomerRow,
    { provider, providerSourceId }: PaymentSourceRow,
    cause: Cause,
  ): Promise<void> {
    await this.calls.make(customer.id, cause, async (tx) => {
      const account = await this.rows.accounts.find(tx, { customerId: customer.id, provider });
      const providerCustomerId = account?.providerCustomerId ?? undefined;
      if (providerCustomerId === undefined) return [];
      return [
        { provider, target: providerSourceId, command: { kind, providerCustomerId, providerSourceId } },
      ];
    });
  }
}
