import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.js';
import { CustomerRows } from './customer.rows.js';
import type { CustomerRow } from './customer.tables.js';
import { type CustomerResource, customerView } from './customer.view.js';

/** Customers as they are answered. */
@Injectable()
export class CustomerViews {
  constructor(
    private readonly database: Database,
    private readonly rows: CustomerRows,
  ) {}

  async of(customer: CustomerRow): Promise<CustomerResource> {
    const [view] = await this.ofAll([customer]);
    if (view === undefined) throw new Error('a customer has a view');
    return view;
  }

  /** In the given order. */
  async ofAll(customers: readonly CustomerRow[]): Promise<CustomerResource[]> {
    const ids = customers.map(({ id }) => id);
    const { db } = this.database;
    const [accounts, cards] = [await this.rows.accounts.of(db, ids), await this.rows.cards.of(db, ids)];
    return customers.map((customer) =>
      customerView(
        customer,
        accounts.filter(({ customerId }) => customerId === customer.id),
        cards.filter(({ customerId }) => customerId === customer.id),
      ),
    );
  }
}
