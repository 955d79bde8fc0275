import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.js';
import { type Caller, visibleTo } from '../../http/access/caller.js';
import type { RememberedResource } from '../../http/idempotency/idempotency.service.js';
import { readPage } from '../../http/validation/page.dto.js';
import type { Cause } from '../../kernel/applied.js';
import { ServiceError } from '../../kernel/errors.js';
import { Ids } from '../../kernel/ids.js';
import { firstAble, ProviderRegistry } from '../../providers/provider.registry.js';
import { CardStore } from './card.store.js';
import { CustomerDirectory } from './customer.directory.js';
import type { CreateCustomerDto, ListCustomersDto, UpdateCustomerDto } from './customer.dto.js';
import { contactOf, noCustomer } from './customer.js';
import { CustomerCalls, type CustomerRequest } from './customer.operations.js';
import { type CustomerPatch, CustomerStore } from './customer.store.js';
import type { CustomerRow } from './customer.tables.js';
import { type CustomerList, type CustomerResource, customerView } from './customer.view.js';

export type NewCustomer = { [K in keyof CreateCustomerDto]?: CreateCustomerDto[K] | undefined };

const NOT_REPEATED: RememberedResource = { remember: () => Promise.resolve() };

/** Customers: one of ours is the same person at every provider. */
@Injectable()
export class CustomersService {
  constructor(
    private readonly database: Database,
    private readonly customers: CustomerStore,
    private readonly cards: CardStore,
    private readonly directory: CustomerDirectory,
    private readonly calls: CustomerCalls,
    private readonly providers: ProviderRegistry,
    private readonly ids: Ids,
  ) {}

  /**
   * At the first provider that can do it.
   * @param resource of an Idempotency-Key: a repeat continues with the customer that an earlier attempt recorded.
   * @throws ServiceError card_unusable naming `token`, card_declined, unknown_outcome (with `details.customerId`),
   * provider_rejected, provider_unavailable, and what the provider cannot do by name.
   */
  async create(input: NewCustomer, caller: Caller, resource = NOT_REPEATED): Promise<CustomerRow> {
    const cause: Cause = `api:${caller.name}`;
    const before = resource.id === undefined ? undefined : await this.begun(resource.id, cause);
    if (before !== undefined) return before;
    const id = this.ids.next();
    await resource.remember(id);
    const { metadata = {}, token } = input;
    const person = contactOf(input);
    const command = { kind: 'create_customer', customerId: id, ...person, metadata, token } as const;
    // What has no currency takes the route of any.
    const candidates = this.providers.candidatesWith('customers', '*', input.provider);
    const { provider, livemode, operation } = await firstAble(candidates, ({ name, livemode }) => {
      return { provider: name, livemode, operation: this.calls.operationOf(id, { provider: name, command }) };
    });
    await this.calls.begin(operation, cause, async (tx) => {
      await this.customers.insertCustomer(tx, { id, provider, caller: caller.group, ...person, metadata });
      await this.customers.openAccount(tx, { customerId: id, provider, livemode });
    });
    return this.row(id);
  }

  /** Also a deleted one. @throws ServiceError not_found, also for a customer of another caller. */
  async get(id: string, caller: Caller): Promise<CustomerResource> {
    return this.answerOf(await this.directory.getEver(id, caller));
  }

  /** Newest first. */
  async list(query: ListCustomersDto, caller: Caller): Promise<CustomerList> {
    const filter = { email: query.email, callers: visibleTo(caller) };
    const { rows, nextCursor } = await readPage(
      query,
      (bounds) => this.customers.listCustomers(this.database.db, { ...filter, ...bounds }),
      ({ id }) => id,
    );
    const ids = rows.map(({ id }) => id);
    const accounts = await this.customers.accountsOf(this.database.db, ids);
    const cards = await this.cards.cardsOf(this.database.db, ids);
    return { data: rows.map((customer) => customerView(customer, accounts, cards)), nextCursor };
  }

  /** At every provider that has the customer. @throws ServiceError as `create` does; not_found, operation_in_doubt. */
  async update(id: string, changes: UpdateCustomerDto, caller: Caller): Promise<CustomerResource> {
    const { metadata } = changes;
    const said = { ...contactOf(changes), ...(metadata !== undefined && { metadata }) };
    const customer = await this.directory.get(id, caller);
    if (Object.keys(said).length > 0) {
      const command = { kind: 'update_customer', ...said } as const;
      await this.askEverywhere(customer, caller, command, { metadata });
    }
    return this.answerOf(await this.row(id));
  }

  /** At every provider; with the customer go its cards. Once more, it answers the same. */
  async delete(id: string, caller: Caller): Promise<CustomerResource> {
    const customer = await this.directory.getEver(id, caller);
    if (customer.deletedAt === null) await this.askEverywhere(customer, caller, { kind: 'delete_customer' });
    return this.answerOf(await this.row(id));
  }

  async answerOf(customer: CustomerRow): Promise<CustomerResource> {
    const { db } = this.database;
    const accounts = await this.customers.accountsOf(db, [customer.id]);
    return customerView(customer, accounts, await this.cards.cardsOf(db, [customer.id]));
  }

  /** What an earlier attempt recorded, brought to its end. Undefined: the provider has never made it. */
  private async begun(id: string, cause: Cause): Promise<CustomerRow | undefined> {
    const found = await this.customers.findCustomer(this.database.db, id);
    if (found === undefined || found.deletedAt !== null) return undefined;
    try {
      await this.calls.make(id, cause, async () => []);
    } catch (error) {
      // Refused only now: whoever repeats it learns why from a call of its own.
      if (!(error instanceof ServiceError) || error.code !== 'not_found') throw error;
    }
    const customer = await this.row(id);
    return customer.deletedAt === null ? customer : undefined;
  }

  private async askEverywhere(
    { id }: CustomerRow,
    caller: Caller,
    command: { kind: 'delete_customer' } | ({ kind: 'update_customer' } & CustomerPatch),
    after?: CustomerRequest['after'],
  ): Promise<void> {
    await this.calls.make(id, `api:${caller.name}`, async (tx) => {
      const accounts = await this.customers.accountsOf(tx, [id]);
      return accounts.flatMap(({ provider, providerCustomerId }) => {
        if (providerCustomerId === null) return [];
        return { provider, target: providerCustomerId, command: { ...command, providerCustomerId }, after };
      });
    });
  }

  private async row(id: string): Promise<CustomerRow> {
    const customer = await this.customers.findCustomer(this.database.db, id);
    if (customer === undefined) throw noCustomer();
    return customer;
  }
}
