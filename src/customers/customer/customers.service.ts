import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.js';
import { type Caller, visibleTo } from '../../http/access/caller.js';
import type { RememberedResource } from '../../http/idempotency/idempotency.service.js';
import { readPage } from '../../http/validation/page.dto.js';
import type { Cause } from '../../kernel/applied.js';
import { ServiceError } from '../../kernel/errors.js';
import { Ids } from '../../kernel/ids.js';
import type { CustomerCommand } from '../../providers/billing.ports.js';
import { firstAble, ProviderRegistry } from '../../providers/provider.registry.js';
import { CardStore } from './card.store.js';
import { CustomerDirectory } from './customer.directory.js';
import type { CreateCustomerDto, ListCustomersDto, UpdateCustomerDto } from './customer.dto.js';
import { contactOf, noCustomer } from './customer.js';
import { CustomerCalls, type CustomerRequest } from './customer.operations.js';
import { CustomerStore } from './customer.store.js';
import type { CustomerRow } from './customer.tables.js';
import { type CustomerList, type CustomerResource, customerView } from './customer.view.js';

/** A customer as it is asked for, validated. */
export type NewCustomer = { [K in keyof CreateCustomerDto]?: CreateCustomerDto[K] | undefined };

/** The route of what has no currency. */
const ANY_CURRENCY = '*';
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
   * @param caller whose it is from then on.
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
    const candidates = this.providers.candidatesWith('customers', ANY_CURRENCY, input.provider);
    const [{ name: provider, livemode }, operation] = await firstAble(candidates, (one) => {
      return [one, this.calls.operationOf(id, { provider: one.name, command })] as const;
    });
    await this.calls.begin(operation, cause, async (tx) => {
      await this.customers.insertCustomer(tx, { id, provider, caller: caller.group, ...person, metadata });
      await this.customers.openAccount(tx, { customerId: id, provider, livemode });
    });
    return this.row(id);
  }

  /** One that is deleted, too. @throws ServiceError not_found, also for a customer of another caller. */
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
    return { data: await this.answersOf(rows), nextCursor };
  }

  /** At every provider that has the customer. @throws ServiceError as `create` does; not_found, operation_in_doubt. */
  async update(id: string, changes: UpdateCustomerDto, caller: Caller): Promise<CustomerResource> {
    const { metadata } = changes;
    const said = { ...contactOf(changes), ...(metadata !== undefined && { metadata }) };
    const customer = await this.directory.get(id, caller);
    if (Object.keys(said).length > 0) {
      const after = { metadata };
      await this.askEverywhere(customer, caller, after, (providerCustomerId) => ({
        kind: 'update_customer',
        providerCustomerId,
        ...said,
      }));
    }
    return this.answerOf(await this.row(customer.id));
  }

  /** At every provider; with the customer go its cards. Once more, it answers the same. */
  async delete(id: string, caller: Caller): Promise<CustomerResource> {
    const customer = await this.directory.getEver(id, caller);
    if (customer.deletedAt === null) {
      await this.askEverywhere(customer, caller, undefined, (providerCustomerId) => ({
        kind: 'delete_customer',
        providerCustomerId,
      }));
    }
    return this.answerOf(await this.row(customer.id));
  }

  async answerOf(customer: CustomerRow): Promise<CustomerResource> {
    const [answer] = await this.answersOf([customer]);
    if (answer === undefined) throw new Error('a customer has a view');
    return answer;
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
    after: CustomerRequest['after'],
    commandFor: (providerCustomerId: string) => CustomerCommand,
  ): Promise<void> {
    await this.calls.make(id, `api:${caller.name}`, async (tx) =>
      (await this.customers.accountsOf(tx, [id])).flatMap(({ provider, providerCustomerId: target }) =>
        target === null ? [] : [{ provider, target, command: commandFor(target), after }],
      ),
    );
  }

  private async row(id: string): Promise<CustomerRow> {
    const customer = await this.customers.findCustomer(this.database.db, id);
    if (customer === undefined) throw noCustomer();
    return customer;
  }

  /** In the given order. */
  private async answersOf(customers: readonly CustomerRow[]): Promise<CustomerResource[]> {
    const ids = customers.map(({ id }) => id);
    const { db } = this.database;
    const accounts = await this.customers.accountsOf(db, ids);
    const cards = await this.cards.cardsOf(db, ids);
    return customers.map((customer) =>
      customerView(
        customer,
        accounts.filter(({ customerId }) => customerId === customer.id),
        cards.filter(({ customerId }) => customerId === customer.id),
      ),
    );
  }
}
