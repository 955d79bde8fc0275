import { Injectable } from '@nestjs/common';
import { isDeepStrictEqual } from 'node:util';
import type { Tx } from '../../database/database.js';
import { type Applied, isNewer } from '../../kernel/applied.js';
import { Ids } from '../../kernel/ids.js';
import type { CustomerFact } from '../../providers/billing.facts.js';
import { CardUses } from '../card/card.store.js';
import { changeBy, type CustomerChange, type KeptCustomer } from './customer.change.js';
import { CustomerRows } from './customer.rows.js';
import type { CustomerAccount } from './customer.tables.js';
import { CustomerWriter } from './customer.writer.js';

/** What a provider said, and when it was asked. */
export interface CustomerReading {
  fact: CustomerFact;
  /** Before the provider was asked, by the database's clock. */
  readFrom: Date;
}

/** Makes what is kept of a customer equal to what its provider says. */
@Injectable()
export class CustomerApplier {
  constructor(
    private readonly rows: CustomerRows,
    private readonly writer: CustomerWriter,
    private readonly ids: Ids,
    private readonly uses: CardUses,
  ) {}

  /** @param metadata the customer's own from now on, which no provider tells; it is written in any case. */
  async apply(tx: Tx, reading: CustomerReading, metadata?: Record<string, string>): Promise<Applied> {
    const { fact } = reading;
    const kept = await this.lock(tx, fact);
    if (kept === undefined) return { kind: 'ignored', reason: 'none of our customers' };
    const { customer, account } = kept;
    if (account.livemode !== fact.livemode)
      return { kind: 'conflict', reason: 'another mode than the customer' };
    const change = changeBy(kept, fact);
    const ours = metadata === undefined || isDeepStrictEqual(metadata, customer.metadata) ? {} : { metadata };
    if (!isNewer(reading.readFrom, account.confirmedAt)) {
      if (ours.metadata !== undefined) await this.writer.write(tx, customer, ours);
      if (change.isKnown) return { kind: 'stale', reason: 'known already' };
      return { kind: 'parked', reason: 'read_overtaken' };
    }
    if (customer.deletedAt !== null && !fact.deleted)
      return { kind: 'conflict', reason: 'the customer is deleted here' };
    await this.keep(tx, account, change);
    if (!change.isVisible && ours.metadata === undefined) return { kind: 'stale', reason: 'known already' };
    await this.writer.write(tx, customer, { ...change.contact, ...ours, deleted: change.ends });
    return { kind: 'applied', id: customer.id };
  }

  private async lock(tx: Tx, fact: CustomerFact): Promise<KeptCustomer | undefined> {
    const found = await this.rows.accounts.findByFact(tx, fact);
    const customer = found && (await this.rows.customers.lock(tx, found.customerId));
    if (customer === undefined) return undefined;
    const accounts = await this.rows.accounts.of(tx, [customer.id]);
    const account = accounts.find(({ provider }) => provider === fact.provider);
    // Before the lock it may not have been known which one at the provider it is.
    if (account === undefined || isAnother(account, fact)) return undefined;
    const cards = await this.rows.cards.of(tx, [customer.id], fact.provider);
    const elsewhere = accounts.some((one) => one !== account && one.providerCustomerId !== null);
    return { customer, account, elsewhere, cards };
  }

  private async keep(tx: Tx, account: CustomerAccount, change: CustomerChange): Promise<void> {
    const { customerId, provider } = account;
    await this.rows.accounts.confirm(tx, account, change);
    const cards = change.cards.map((card) => ({ ...card, id: this.ids.next(), customerId, provider }));
    const removed = await this.rows.cards.removeOthers(
      tx,
      account,
      cards.map(({ providerSourceId }) => providerSourceId),
    );
    await this.rows.cards.keep(tx, cards);
    await this.uses.removed(tx, removed);
  }
}

function isAnother({ providerCustomerId }: CustomerAccount, fact: CustomerFact): boolean {
  return providerCustomerId !== null && providerCustomerId !== fact.providerCustomerId;
}
