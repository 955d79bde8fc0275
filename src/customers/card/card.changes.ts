import { Injectable } from '@nestjs/common';
import { Database, type Tx } from '../../database/database.js';
import type { Cause } from '../../kernel/applied.js';
import { ServiceError } from '../../kernel/errors.js';
import { CustomerCalls } from '../customer/customer.calls.js';
import { CustomerRows } from '../customer/customer.rows.js';
import type { CustomerRow } from '../customer/customer.tables.js';
import { CardUses } from './card.store.js';
import type { PaymentSourceRow } from './card.tables.js';

/** Changes what is done with a card that is there. */
@Injectable()
export class CardChanges {
  constructor(
    private readonly database: Database,
    private readonly rows: CustomerRows,
    private readonly calls: CustomerCalls,
    private readonly uses: CardUses,
  ) {}

  /**
   * One that the provider does not have any more is removed, too.
   * @param force also one that something charges by itself
   * @throws ServiceError card_in_use with `details.subscriptionIds`, and as CustomerCalls.make does.
   */
  async remove(
    customer: CustomerRow,
    card: PaymentSourceRow,
    cause: Cause,
    { force }: { force: boolean },
  ): Promise<void> {
    try {
      await this.ask('remove_card', customer, card, cause, async (tx) => {
        if (!force) await this.assertFree(tx, card);
      });
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

  /** As it is now: another request may have made it the default one meanwhile. */
  private async assertFree(tx: Tx, { id }: PaymentSourceRow): Promise<void> {
    const card = await this.rows.cards.find(tx, id);
    const subscriptionIds = card === undefined ? [] : await this.uses.chargedBy(tx, card);
    if (subscriptionIds.length === 0) return;
    const message =
      'subscriptions charge this card: give them another one, cancel them, or remove it all the same with force';
    throw new ServiceError('card_in_use', message, { subscriptionIds });
  }

  private async ask(
    kind: 'remove_card' | 'set_default_card',
    customer: CustomerRow,
    { provider, providerSourceId }: PaymentSourceRow,
    cause: Cause,
    check: (tx: Tx) => Promise<void> = () => Promise.resolve(),
  ): Promise<void> {
    await this.calls.make(customer.id, cause, async (tx) => {
      await check(tx);
      const account = await this.rows.accounts.find(tx, { customerId: customer.id, provider });
      const providerCustomerId = account?.providerCustomerId ?? undefined;
      if (providerCustomerId === undefined) return [];
      return [
        { provider, target: providerSourceId, command: { kind, providerCustomerId, providerSourceId } },
      ];
    });
  }
}
