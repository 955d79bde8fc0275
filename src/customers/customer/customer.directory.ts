import { Injectable } from '@nestjs/common';
import { Database, type Queryable } from '../../database/database.js';
import { type Caller, maySee } from '../../http/access/caller.js';
import type { Cause } from '../../kernel/applied.js';
import { ProviderRegistry } from '../../providers/provider.registry.js';
import { CardStore } from './card.store.js';
import { contactOf, defaultCardOf, noCustomer, unusableCard } from './customer.js';
import { CustomerCalls } from './customer.operations.js';
import { CustomerStore } from './customer.store.js';
import type { CustomerRow, PaymentSourceRow } from './customer.tables.js';

/** Finds customers, and what of theirs is charged, for whoever deals with them. */
@Injectable()
export class CustomerDirectory {
  constructor(
    private readonly database: Database,
    private readonly customers: CustomerStore,
    private readonly sources: CardStore,
    private readonly calls: CustomerCalls,
    private readonly providers: ProviderRegistry,
  ) {}

  /** @throws ServiceError not_found, also for a deleted customer or another caller's. */
  async get(id: string, caller: Caller): Promise<CustomerRow> {
    const customer = await this.getEver(id, caller);
    if (customer.deletedAt !== null) throw noCustomer();
    return customer;
  }

  /** Also a deleted one. @throws ServiceError not_found, also for one that no provider ever had. */
  async getEver(id: string, caller: Caller): Promise<CustomerRow> {
    const customer = await this.customers.findCustomer(this.database.db, id);
    if (customer === undefined || !maySee(caller, customer)) throw noCustomer();
    if (customer.deletedAt !== null && customer.version === 0) throw noCustomer();
    return customer;
  }

  /**
   * The customer's id at a provider; the provider is asked to make one where it has none yet.
   * @throws ServiceError as CustomerCalls.make does; capability_not_supported naming `provider`.
   */
  async accountAt({ id }: CustomerRow, provider: string, cause: Cause): Promise<string> {
    const { livemode } = this.providers.with(provider, 'customers');
    const idThere = (db: Queryable = this.database.db): Promise<string | undefined> =>
      this.customers.idAtProvider(db, id, provider);
    const known = await idThere();
    if (known !== undefined) return known;
    await this.calls.make(id, cause, async (tx, { id: customerId, metadata, ...person }) => {
      if ((await idThere(tx)) !== undefined) return [];
      await this.customers.openAccount(tx, { customerId, provider, livemode });
      const command = { kind: 'create_customer', customerId, metadata, ...contactOf(person) } as const;
      return [{ provider, command }];
    });
    const made = await idThere();
    if (made === undefined) throw noCustomer();
    return made;
  }

  /** Whether the provider has the customer, as far as is known here. */
  async isAt({ id }: CustomerRow, provider: string): Promise<boolean> {
    return (await this.customers.idAtProvider(this.database.db, id, provider)) !== undefined;
  }

  /** Oldest first. */
  cards(customer: CustomerRow): Promise<PaymentSourceRow[]> {
    return this.sources.cardsOf(this.database.db, [customer.id]);
  }

  /** @throws ServiceError card_unusable unless it is the customer's card. */
  async card(customer: CustomerRow, paymentSourceId: string): Promise<PaymentSourceRow> {
    const card = await this.sources.findCard(this.database.db, paymentSourceId);
    if (card?.customerId !== customer.id || card.removedAt !== null) throw unusableCard('paymentSourceId');
    return card;
  }

  /**
   * The card that is charged where none is named.
   * @param provider undefined: any, the customer's own first.
   * @throws ServiceError card_unusable when there is none.
   */
  async defaultCard(customer: CustomerRow, provider?: string): Promise<PaymentSourceRow> {
    const cards = await this.sources.cardsOf(this.database.db, [customer.id], provider);
    const card = defaultCardOf(customer.provider, cards);
    if (card === undefined) throw unusableCard('default');
    return card;
  }
}
