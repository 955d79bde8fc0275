import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.js';
import { type Caller, visibleTo } from '../../http/access/caller.js';
import { readPage } from '../../http/validation/page.dto.js';
import type { RememberedResource } from '../../http/idempotency/idempotency.service.js';
import type { Cause } from '../../kernel/applied.js';
import { ServiceError } from '../../kernel/errors.js';
import { Ids } from '../../kernel/ids.js';
import { contactOf } from './contact.js';
import { CustomerCalls, noCustomer } from './customer.calls.js';
import { CustomerDirectory } from './customer.directory.js';
import { CustomerRows } from './customer.rows.js';
import type { CustomerRow } from './customer.tables.js';
import type { CustomerList, CustomerResource } from './customer.view.js';
import { CustomerViews } from './customer.views.js';
import type { ListCustomersDto } from './list-customers.dto.js';
import { type NewCustomer, NewCustomers } from './new.customers.js';
import type { UpdateCustomerDto } from './update-customer.dto.js';

export type { NewCustomer };

const NOT_REPEATED: RememberedResource = { remember: () => Promise.resolve() };

/** How customers are read and asked about. */
@Injectable()
export class CustomerAccess {
  constructor(
    readonly database: Database,
    readonly rows: CustomerRows,
    readonly views: CustomerViews,
  ) {}

  find(id: string): Promise<CustomerRow | undefined> {
    return this.rows.customers.find(this.database.db, id);
  }

  async row(id: string): Promise<CustomerRow> {
    const customer = await this.find(id);
    if (customer === undefined) throw noCustomer();
    return customer;
  }
}

/** Customers: one of ours is the same person at every provider. */
@Injectable()
export class CustomersService {
  constructor(
    private readonly access: CustomerAccess,
    private readonly directory: CustomerDirectory,
    private readonly calls: CustomerCalls,
    private readonly newcomers: NewCustomers,
    private readonly ids: Ids,
  ) {}

  /**
   * @param caller whose it is from then on.
   * @param resource of an Idempotency-Key: a repeat continues with the customer that an earlier attempt recorded.
   * @throws ServiceError card_unusable naming `token`, card_declined, unknown_outcome (with `details.customerId`),
   * provider_rejected, provider_unavailable, and what the provider cannot do by name.
   */
  async create(input: NewCustomer, caller: Caller, resource = NOT_REPEATED): Promise<CustomerRow> {
    const cause = `api:${caller.name}`;
    const before = resource.id === undefined ? undefined : await this.begun(resource.id, cause);
    if (before !== undefined) return before;
    const id = this.ids.next();
    await resource.remember(id);
    await this.calls.execute(await this.newcomers.record(id, input, caller.group), cause);
    return this.access.row(id);
  }

  /** What an earlier attempt recorded, brought to its end. Undefined: the provider has never made it. */
  private async begun(id: string, cause: Cause): Promise<CustomerRow | undefined> {
    const found = await this.access.find(id);
    if (found === undefined || found.deletedAt !== null) return undefined;
    try {
      await this.calls.make(id, cause, async () => []);
    } catch (error) {
      // Refused only now: whoever repeats it learns why from a call of its own.
      if (!(error instanceof ServiceError) || error.code !== 'not_found') throw error;
    }
    const customer = await this.access.row(id);
    return customer.deletedAt === null ? customer : undefined;
  }

  /** One that is deleted, too. @throws ServiceError not_found, also for a customer of another caller. */
  async get(id: string, caller: Caller): Promise<CustomerResource> {
    return this.access.views.of(await this.directory.getEver(id, caller));
  }

  /** Newest first. */
  async list(query: ListCustomersDto, caller: Caller): Promise<CustomerList> {
    const { customers } = this.access.rows;
    const filter = { email: query.email, callers: visibleTo(caller) };
    const { rows, nextCursor } = await readPage(
      query,
      (bounds) => customers.list(this.access.database.db, { ...filter, ...bounds }),
      ({ id }) => id,
    );
    return { data: await this.access.views.ofAll(rows), nextCursor };
  }

  /** At every provider that has the customer. @throws ServiceError as `create` does; not_found, operation_in_doubt. */
  async update(id: string, changes: UpdateCustomerDto, caller: Caller): Promise<CustomerResource> {
    const { metadata } = changes;
    const said = { ...contactOf(changes), ...(metadata !== undefined && { metadata }) };
    const customer = await this.directory.get(id, caller);
    if (Object.keys(said).length > 0) {
      await this.calls.make(customer.id, `api:${caller.name}`, async (tx) =>
        (await this.access.rows.accounts.placesOf(tx, customer.id)).map(
          ({ provider, providerCustomerId }) => ({
            provider,
            target: providerCustomerId,
            command: { kind: 'update_customer', providerCustomerId, ...said },
            after: { metadata },
          }),
        ),
      );
    }
    return this.access.views.of(await this.access.row(customer.id));
  }

  /** At every provider; with the customer go its cards. Once more, it answers the same. */
  async delete(id: string, caller: Caller): Promise<CustomerResource> {
    const customer = await this.directory.getEver(id, caller);
    if (customer.deletedAt === null) {
      await this.calls.make(customer.id, `api:${caller.name}`, async (tx) =>
        (await this.access.rows.accounts.placesOf(tx, customer.id)).map(
          ({ provider, providerCustomerId }) => ({
            provider,
            target: providerCustomerId,
            command: { kind: 'delete_customer', providerCustomerId },
          }),
        ),
      );
    }
    return this.access.views.of(await this.access.row(customer.id));
  }
}
