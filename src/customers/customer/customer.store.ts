import { Injectable } from '@nestjs/common';
import { and, desc, eq, inArray, isNull, lt, type SQL, sql } from 'drizzle-orm';
import { validate } from 'uuid';
import { databaseNow, type Queryable, type Tx } from '../../database/database.js';
import type { PageBounds } from '../../http/validation/page.dto.js';
import type { CustomerFact } from '../../providers/billing.facts.js';
import {
  type Contact,
  type CustomerAccount,
  customerAccounts,
  type CustomerRow,
  customers,
  foldedEmail,
} from './customer.tables.js';

interface CustomerFilter extends PageBounds {
  /** In whatever case. */
  email?: string | undefined;
  /** Only customers that these callers made. */
  callers?: readonly string[] | undefined;
}

export interface CustomerPatch extends Contact {
  metadata?: Record<string, string> | undefined;
  deleted?: boolean | undefined;
}

type AccountKey = Pick<CustomerAccount, 'customerId' | 'provider'>;
type ProviderCustomer = Pick<CustomerFact, 'provider' | 'providerCustomerId'>;

/** Customers, and the account of each at each of its providers. */
@Injectable()
export class CustomerStore {
  async findCustomer(db: Queryable, id: string): Promise<CustomerRow | undefined> {
    if (!validate(id)) return undefined;
    const [row] = await db.select().from(customers).where(eq(customers.id, id));
    return row;
  }

  /** Whatever is done about a customer, its accounts and its cards is done under this lock. */
  async lockCustomer(tx: Tx, id: string): Promise<CustomerRow | undefined> {
    const [row] = await tx.select().from(customers).where(eq(customers.id, id)).for('update');
    return row;
  }

  async insertCustomer(tx: Tx, row: typeof customers.$inferInsert): Promise<void> {
    await tx.insert(customers).values(row);
  }

  /** The next version. Guarded by the one that the caller read under the row's lock. */
  async updateCustomer(tx: Tx, { id, version }: CustomerRow, patch: CustomerPatch): Promise<CustomerRow> {
    const { deleted, ...values } = patch;
    const [updated] = await tx
      .update(customers)
      .set({
        ...values,
        ...(deleted === true && { deletedAt: databaseNow }),
        version: version + 1,
        updatedAt: databaseNow,
      })
      .where(and(eq(customers.id, id), eq(customers.version, version)))
      .returning();
    if (updated === undefined) throw new Error(`customer ${id} changed under its lock`);
    return updated;
  }

  /** Its first provider refused to make it, and nobody was told of it: it never was. */
  async discardCustomer(tx: Tx, id: string): Promise<void> {
    await tx
      .update(customers)
      .set({ deletedAt: databaseNow })
      .where(and(eq(customers.id, id), eq(customers.version, 0)));
  }

  /** Newest first, without those that are deleted. */
  listCustomers(db: Queryable, filter: CustomerFilter): Promise<CustomerRow[]> {
    const { email, callers, before, limit } = filter;
    const isListed = and(
      isNull(customers.deletedAt),
      email === undefined ? undefined : eq(foldedEmail, sql`lower(${email})`),
      callers === undefined ? undefined : inArray(customers.caller, [...callers]),
      before === undefined ? undefined : lt(customers.id, before),
    );
    return db.select().from(customers).where(isListed).orderBy(desc(customers.id)).limit(limit);
  }

  /** Oldest first. */
  accountsOf(db: Queryable, customerIds: readonly string[]): Promise<CustomerAccount[]> {
    return db
      .select()
      .from(customerAccounts)
      .where(inArray(customerAccounts.customerId, [...customerIds]))
      .orderBy(customerAccounts.createdAt, customerAccounts.provider);
  }

  findAccount(db: Queryable, key: AccountKey): Promise<CustomerAccount | undefined> {
    return this.oneAccount(db, byKey(key));
  }

  /** The customer's id at the provider; undefined where it has none, as far as is known here. */
  async idAtProvider(db: Queryable, customerId: string, provider: string): Promise<string | undefined> {
    return (await this.findAccount(db, { customerId, provider }))?.providerCustomerId ?? undefined;
  }

  async findByProviderCustomer(
    db: Queryable,
    provider: string,
    providerCustomerId: string,
  ): Promise<CustomerRow | undefined> {
    const account = await this.oneAccount(db, byProviderCustomer({ provider, providerCustomerId }));
    return account && this.findCustomer(db, account.customerId);
  }

  /** By the provider's id; by ours while the provider's is not known yet. */
  async findAccountByFact(db: Queryable, fact: CustomerFact): Promise<CustomerAccount | undefined> {
    const { provider, customerId } = fact;
    const known = await this.oneAccount(db, byProviderCustomer(fact));
    if (known !== undefined || customerId === undefined || !validate(customerId)) return known;
    const named = await this.findAccount(db, { customerId, provider });
    return named?.providerCustomerId === null ? named : undefined;
  }

  /** Leaves one that is there as it is. */
  async openAccount(tx: Tx, account: AccountKey & { livemode: boolean }): Promise<void> {
    await tx.insert(customerAccounts).values(account).onConflictDoNothing();
  }

  /** What is kept is what the provider says now. */
  async confirmAccount(
    tx: Tx,
    key: AccountKey,
    { providerCustomerId, told }: { providerCustomerId: string | null; told: Contact },
  ): Promise<void> {
    await tx
      .update(customerAccounts)
      .set({ providerCustomerId, told, confirmedAt: databaseNow })
      .where(byKey(key));
  }

  private async oneAccount(db: Queryable, where: SQL | undefined): Promise<CustomerAccount | undefined> {
    const [row] = await db.select().from(customerAccounts).where(where);
    return row;
  }
}

function byProviderCustomer({ provider, providerCustomerId }: ProviderCustomer) {
  const { provider: at, providerCustomerId: id } = customerAccounts;
  return and(eq(at, provider), eq(id, providerCustomerId));
}

function byKey({ customerId, provider }: AccountKey) {
  return and(eq(customerAccounts.customerId, customerId), eq(customerAccounts.provider, provider));
}
