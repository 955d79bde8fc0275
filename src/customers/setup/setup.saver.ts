import { Injectable } from '@nestjs/common';
import { Database, type Tx } from '../../database/database.js';
import type { Cause } from '../../kernel/applied.js';
import { ServiceError } from '../../kernel/errors.js';
import { CardAdder } from '../card/card.adder.js';
import { CardChanges } from '../card/card.changes.js';
import type { PaymentSourceRow } from '../card/card.tables.js';
import { CapableProviders } from '../customer/capable.providers.js';
import { noCustomer } from '../customer/customer.calls.js';
import { CustomerRows } from '../customer/customer.rows.js';
import type { CustomerRow } from '../customer/customer.tables.js';
import { CustomerTruth } from '../customer/customer.truth.js';
import { CardSetupStore } from './card.setup.store.js';
import type { CardSetupRow } from './card.setup.tables.js';

/** What a form's card goes through on its way to the customer. */
@Injectable()
export class CardWays {
  constructor(
    readonly adder: CardAdder,
    readonly changes: CardChanges,
    readonly truth: CustomerTruth,
  ) {}
}

/** Gives the card of a form that was filled in to whom it is for. */
@Injectable()
export class SetupSaver {
  constructor(
    private readonly database: Database,
    private readonly setups: CardSetupStore,
    private readonly customers: CustomerRows,
    private readonly providers: CapableProviders,
    private readonly ways: CardWays,
  ) {}

  /** @throws ServiceError as CustomerCalls.make does; ProviderError when the provider cannot be asked. */
  async save(setup: CardSetupRow, token: string, cause: Cause): Promise<void> {
    if (setup.customerId === null) return this.setups.markSaved(this.database.db, setup.id, { token });
    const customer = await this.customers.customers.find(this.database.db, setup.customerId);
    if (customer === undefined || customer.deletedAt !== null) throw noCustomer();
    const { attachesCards } = this.providers.saving(setup.provider).cardSetups;
    const card = attachesCards ? await this.attached(setup, customer, token, cause) : undefined;
    if (card === undefined) return this.add(setup, customer, token, cause);
    await this.setups.markSaved(this.database.db, setup.id, { sourceId: card.id });
    await this.defaultIfFirst(customer, card, cause);
  }

  /** The card is the customer's in the moment in which the setup is saved. */
  private add(setup: CardSetupRow, customer: CustomerRow, token: string, cause: Cause): Promise<void> {
    const { id: setupId, provider } = setup;
    const unless = async (tx: Tx): Promise<boolean> =>
      (await this.setups.lock(tx, setupId))?.state === 'saved';
    return this.ways.adder.add(customer, { token, provider }, cause, { setupId, unless });
  }

  /** The card that the provider has given to the customer already. */
  private async attached(
    { provider }: CardSetupRow,
    customer: CustomerRow,
    providerSourceId: string,
    cause: Cause,
  ): Promise<PaymentSourceRow | undefined> {
    await this.ways.truth.refresh(customer.id, provider, cause);
    const card = await this.customers.cards.findByProviderId(this.database.db, provider, providerSourceId);
    return card?.customerId === customer.id && card.removedAt === null ? card : undefined;
  }

  /** The card is saved, whatever comes of this: that it is not the default is seen, and can be changed. */
  private async defaultIfFirst(customer: CustomerRow, card: PaymentSourceRow, cause: Cause): Promise<void> {
    const cards = await this.customers.cards.of(this.database.db, [customer.id], card.provider);
    if (cards.some(({ isDefault }) => isDefault)) return;
    try {
      await this.ways.changes.makeDefault(customer, card, cause);
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
    }
  }
}
