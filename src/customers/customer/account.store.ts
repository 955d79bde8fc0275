import { Injectable } from '@nestjs/common';
import { and, eq, inArray } from 'drizzle-orm';
import { validate } from 'uuid';
import { databaseNow, type Queryable, type Tx } from '../../database/database.js';
import type { CustomerFact } from '../../providers/billing.facts.js';
import type { Contact } from './contact.js';
import { type CustomerAccount, customerAccounts } from './customer.tables.js';

type Key = Pick<CustomerAccount, 'customerId' | 'provider'>;

/** Customers at their providers. */
@Injectable()
export class AccountStore {
  /** Oldest first. */
  of(db: Queryable, customerIds: readonly string[]): Promise<CustomerAccount[]> {
    return db
      .select()
      .from(customerAccounts)
      .where(inArray(customerAccounts.customerId, [...customerIds]))
      .orderBy(customerAccounts.createdAt, customerAccounts.provider);
  }

  /** The providers that have the customer. */
  async placesOf(
    db: Queryable,
    customerId: string,
  ): Promise<{ provider: string; providerCustomerId: string }[]> {
    return (await this.of(db, [customerId])).flatMap(({ provider, providerCustomerId }) =>
      providerCustomerId === null ? [] : [{ provider, providerCustomerId }],
    );
  }

  async find(db: Queryable, key: Key): Promise<CustomerAccount | undefined> {
    const [row] = await db.select().from(customerAccounts).where(byKey(key));
    return row;
  }

  async findByProviderCustomer(
    db: Queryable,
    provider: string,
    providerCustomerId: string,
  ): Promise<CustomerAccount | undefined> {
    const [row] = await db
      .select()
      .from(customerAccounts)
      .where(
        and(
          eq(customerAccounts.provider, provider),
          eq(customerAccounts.providerCustomerId, providerCustomerId),
        ),
      );
    return row;
  }

  /** By the provider's id; by ours while the provider's is not known yet. */
  async findByFact(db: Queryable, fact: CustomerFact): Promise<CustomerAccount | undefined> {
    const { provider, providerCustomerId, customerId } = fact;
    const known = await this.findByProviderCustomer(db, provider, providerCustomerId);
    if (known !== undefined || customerId === undefined || !validate(customerId)) return known;
    const named = await this.find(db, { customerId, provider });
    return named?.providerCustomerId === null ? named : undefined;
  }

  /** Leaves one that is there as it is. */
  async open(tx: Tx, account: Key & { livemode: boolean }): Promise<void> {
    await tx.insert(customerAccounts).values(account).onConflictDoNothing();
  }

  /** What is kept is what the provider says now. */
  async confirm(tx: Tx, key: Key, said: { providerCustomerId: string | null; told: Contact }): Promise<void> {
    const { providerCustomerId, told } = said;
    await tx
      .update(customerAccounts)
      .set({ providerCustomerId, told, confirmedAt: databaseNow })
      .where(byKey(key));
  }
}

function byKey({ customerId, provider }: Key) {
  return and(eq(customerAccounts.customerId, customerId), eq(customerAccounts.provider, provider));
}
