import { Injectable } from '@nestjs/common';
import { Database, type Queryable } from '../../database/database.js';
import { type Caller, maySee } from '../../http/access/caller.js';
import type { Cause } from '../../kernel/applied.js';
import type { PaymentSourceRow } from '../card/card.tables.js';
import { defaultCardOf } from '../card/default.card.js';
import { unusableCard } from '../card/unusable.card.js';
import { contactOf } from './contact.js';
import { CapableProviders } from './capable.providers.js';
import { CustomerCalls, noCustomer } from './customer.calls.js';
import { CustomerRows } from './customer.rows.js';
import type { CustomerRow } from './customer.tables.js';

/** Finds customers, and what of theirs is charged, for whoever deals with them. */
@Injectable()
export class CustomerDirectory {
  constructor(
    private readonly database: Database,
    private readonly rows: CustomerRows,
    private readonly calls: CustomerCalls,
    private readonly providers: CapableProviders,
  ) {}

  /** @throws ServiceError not_found, also for a customer of another caller and for one that is deleted. */
  async get(id: string, caller: Caller): Promise<CustomerRow> {
    const customer = await this.getEver(id, caller);
    if (customer.deletedAt !== null) throw noCustomer();
    return customer;
  }

  /** One that is deleted, too. @throws ServiceError not_found, also for one that no provider ever had. */
  async getEver(id: string, caller: Caller): Promise<CustomerRow> {
    const customer = await this.rows.customers.find(this.database.db, id);
    if (customer === undefined || !maySee(caller, customer)) throw noCustomer();
    if (customer.deletedAt !== null && customer.version === 0) throw noCustomer();
    return customer;
  }

  /**
   * The customer's id at a provider; the provider is asked to make one where it has none yet.
   * @throws ServiceError as CustomerCalls.make does; capability_not_supported naming `provider`.
   */
  async accountAt(customer: CustomerRow, provider: string, cause: Cause): Promise<string> {
    const { livemode } = this.providers.keeping(provider);
    const key = { customerId: customer.id, provider };
    const known = await this.rows.accounts.find(this.database.db, key);
    if (known !== undefined && known.providerCustomerId !== null) return known.providerCustomerId;
    await this.calls.make(customer.id, cause, async (tx, { id: customerId, metadata, ...person }) => {
      const found = await this.rows.accounts.find(tx, key);
      if (found !== undefined && found.providerCustomerId !== null) return [];
      await this.rows.accounts.open(tx, { ...key, livemode });
      const command = { kind: 'create_customer', customerId, metadata, ...contactOf(person) } as const;
      return [{ provider, command }];
    });
    const made = await this.rows.accounts.find(this.database.db, key);
    if (made === undefined || made.providerCustomerId === null) throw noCustomer();
    return made.providerCustomerId;
  }

  /** Whether the provider has the customer, as far as is known here. */
  async isAt({ id: customerId }: CustomerRow, provider: string): Promise<boolean> {
    const account = await this.rows.accounts.find(this.database.db, { customerId, provider });
    return account !== undefined && account.providerCustomerId !== null;
  }

  /** Oldest first. */
  cards(customer: CustomerRow): Promise<PaymentSourceRow[]> {
    return this.rows.cards.of(this.database.db, [customer.id]);
  }

  /** @throws ServiceError card_unusable unless it is the customer's card. */
  async card(customer: CustomerRow, paymentSourceId: string): Promise<PaymentSourceRow> {
    const card = await this.rows.cards.find(this.database.db, paymentSourceId);
    if (card?.customerId !== customer.id || card.removedAt !== null) throw unusableCard('paymentSourceId');
    return card;
  }

  /**
   * The card that is charged where none is named.
   * @param provider undefined: any, the customer's own first.
   * @throws ServiceError card_unusable when there is none.
   */
  async defaultCard(customer: CustomerRow, provider?: string): Promise<PaymentSourceRow> {
    const cards = await this.rows.cards.of(this.database.db, [customer.id], provider);
    const card = defaultCardOf(customer.provider, cards);
    if (card === undefined) throw unusableCard('default');
    return card;
  }

  async byProviderCustomer(
    db: Queryable,
    provider: string,
    providerCustomerId: string,
  ): Promise<CustomerRow | undefined> {
    const account = await this.rows.accounts.findByProviderCustomer(db, provider, providerCustomerId);
    return account && this.rows.customers.find(db, account.customerId);
  }

  cardByProviderId(
    db: Queryable,
    provider: string,
    providerSourceId: string,
  ): Promise<PaymentSourceRow | undefined> {
    return this.rows.cards.findByProviderId(db, provider, providerSourceId);
  }
}
