import { Injectable } from '@nestjs/common';
import { isDeepStrictEqual } from 'node:util';
import { ServiceSettings } from '../../config/settings.js';
import { DatabaseClock } from '../../database/service.store.js';
import { Database, type Tx } from '../../database/database.js';
import { type Applied, type Cause, isNewer, JANITOR, originOf } from '../../kernel/applied.js';
import { Clock } from '../../kernel/clock.js';
import { derivedId, Ids } from '../../kernel/ids.js';
import { pick } from '../../kernel/pick.js';
import { streamMessage } from '../../outbox/event.envelope.js';
import type { OutboxMessage } from '../../outbox/outbox.message.js';
import { OutboxSignal } from '../../outbox/outbox.signal.js';
import { OutboxStore } from '../../outbox/outbox.store.js';
import type { CustomerFact } from '../../providers/billing.facts.js';
import { ProviderRegistry } from '../../providers/provider.registry.js';
import { CardStore } from './card.store.js';
import { cardsOf, changeBy, defaultCardOf, type KeptCustomer } from './customer.js';
import { type CustomerPatch, CustomerStore } from './customer.store.js';
import type { CustomerAccount, CustomerRow, PaymentSourceRow } from './customer.tables.js';

const CUSTOMER_UPDATED = 'customer.updated';
/** How often a reading is repeated that others overtook. */
const TRIES = 3;

export interface CustomerReading {
  fact: CustomerFact;
  /** Before the provider was asked, by the database's clock. */
  readFrom: Date;
}

/** Makes what is kept of a customer equal to what its provider says. */
@Injectable()
export class CustomerApplier {
  constructor(
    private readonly customers: CustomerStore,
    private readonly cards: CardStore,
    private readonly outbox: OutboxStore,
    private readonly ids: Ids,
    private readonly clock: Clock,
    private readonly service: ServiceSettings,
  ) {}

  /**
   * @param origin what made it happen, see originOf.
   * @param metadata the customer's own from now on, written in any case: no provider tells it.
   */
  async apply(
    tx: Tx,
    reading: CustomerReading,
    origin: string,
    metadata?: Record<string, string>,
  ): Promise<Applied> {
    const { fact } = reading;
    const id = derivedId(CUSTOMER_UPDATED, fact.provider, fact.providerCustomerId, origin);
    const kept = await this.lock(tx, fact);
    if (kept === undefined) return { kind: 'ignored', reason: 'none of our customers' };
    const { customer, account } = kept;
    if (account.livemode !== fact.livemode)
      return { kind: 'conflict', reason: 'another mode than the customer' };
    const change = changeBy(kept, fact);
    const ours = metadata === undefined || isDeepStrictEqual(metadata, customer.metadata) ? {} : { metadata };
    if (!isNewer(reading.readFrom, account.confirmedAt)) {
      if (ours.metadata !== undefined) await this.write(tx, id, customer, ours);
      if (change.isKnown) return { kind: 'stale', reason: 'known already' };
      return { kind: 'parked', reason: 'read_overtaken' };
    }
    if (customer.deletedAt !== null && !fact.deleted)
      return { kind: 'conflict', reason: 'the customer is deleted here' };
    await this.customers.confirmAccount(tx, account, change);
    const { customerId, provider } = account;
    const cards = change.cards.map((card) => ({ ...card, id: this.ids.next(), customerId, provider }));
    await this.cards.keepOnly(tx, account, cards);
    if (!change.isVisible && ours.metadata === undefined) return { kind: 'stale', reason: 'known already' };
    await this.write(tx, id, customer, { ...change.contact, ...ours, deleted: change.ends });
    return { kind: 'applied', id: customer.id };
  }

  /**
   * Also where the answer was overtaken: whoever asked has to learn the card's id.
   * @returns that id; undefined for a card that was removed before the answer came.
   */
  async keepMadeCard(
    tx: Tx,
    fact: CustomerFact,
    made: { customerId: string; providerSourceId: string; operationId: string },
  ): Promise<string | undefined> {
    const { customerId, operationId } = made;
    const card = cardsOf(fact).find(({ providerSourceId }) => providerSourceId === made.providerSourceId);
    if (card === undefined) return undefined;
    const row = { ...card, id: this.ids.next(), customerId, provider: fact.provider };
    return (await this.cards.keepMade(tx, row, operationId)).id;
  }

  private async lock(tx: Tx, fact: CustomerFact): Promise<KeptCustomer | undefined> {
    const found = await this.customers.findAccountByFact(tx, fact);
    const customer = found && (await this.customers.lockCustomer(tx, found.customerId));
    if (customer === undefined) return undefined;
    const accounts = await this.customers.accountsOf(tx, [customer.id]);
    const account = accounts.find(({ provider }) => provider === fact.provider);
    // Before the lock it may not have been known which one at the provider it is.
    if (account === undefined || isAnother(account, fact)) return undefined;
    const cards = await this.cards.cardsOf(tx, [customer.id], fact.provider);
    const elsewhere = accounts.some((one) => one !== account && one.providerCustomerId !== null);
    return { customer, account, elsewhere, cards };
  }

  /** The next version, and its event. @param customer under its lock; its cards are written already. */
  private async write(tx: Tx, id: string, customer: CustomerRow, patch: CustomerPatch): Promise<void> {
    const { id: customerId, provider } = customer;
    const written = await this.customers.updateCustomer(tx, customer, patch);
    const cards = await this.cards.cardsOf(tx, [customerId]);
    const account = await this.customers.findAccount(tx, { customerId, provider });
    const message = customerUpdated(written, cards, {
      id,
      occurredAt: this.clock.now(),
      livemode: account?.livemode ?? false,
      source: this.service.publicUrl,
    });
    await this.outbox.append(tx, [message]);
  }
}

/** Asks the provider how a customer stands now, and applies it. */
@Injectable()
export class CustomerTruth {
  constructor(
    private readonly database: Database,
    private readonly customers: CustomerStore,
    private readonly applier: CustomerApplier,
    private readonly providers: ProviderRegistry,
    private readonly clock: DatabaseClock,
    private readonly signal: OutboxSignal,
  ) {}

  /** @throws ProviderError when the provider cannot be asked. */
  async read(provider: string, providerCustomerId: string): Promise<CustomerReading> {
    const readFrom = await this.clock.now();
    const fact = await this.providers.with(provider, 'customers').customers.retrieve(providerCustomerId);
    return { fact, readFrom };
  }

  /** `parked`: it was overtaken while it was read, and has to be read again. */
  apply(tx: Tx, reading: CustomerReading, cause: Cause = JANITOR): Promise<Applied> {
    return this.applier.apply(tx, reading, originOf(cause, reading.readFrom));
  }

  /** Nothing where the provider does not have the customer. @throws ProviderError */
  async refresh(customerId: string, provider: string): Promise<void> {
    const id = await this.customers.idAtProvider(this.database.db, customerId, provider);
    if (id === undefined) return;
    for (let left = TRIES; left > 0; left -= 1) {
      const reading = await this.read(provider, id);
      const applied = await this.database.transaction((tx) => this.apply(tx, reading));
      this.signal.wake();
      if (applied.kind !== 'parked') return;
    }
  }
}

function isAnother({ providerCustomerId }: CustomerAccount, fact: CustomerFact): boolean {
  return providerCustomerId !== null && providerCustomerId !== fact.providerCustomerId;
}

/** One version of a customer: what it is charged by, and nothing of who it is. Pure. */
export function customerUpdated(
  customer: CustomerRow,
  cards: readonly PaymentSourceRow[],
  event: { id: string; occurredAt: Date; livemode: boolean; source: string },
): OutboxMessage {
  const { id, occurredAt, livemode, source } = event;
  return streamMessage({
    id,
    type: CUSTOMER_UPDATED,
    occurredAt,
    orderId: null,
    paymentId: customer.id,
    source,
    data: {
      eventId: id,
      type: CUSTOMER_UPDATED,
      occurredAt: occurredAt.toISOString(),
      customerId: customer.id,
      provider: customer.provider,
      livemode,
      version: customer.version,
      deleted: customer.deletedAt !== null,
      defaultPaymentSourceId: defaultCardOf(customer.provider, cards)?.id ?? null,
      paymentSources: cards.map((card) => ({
        paymentSourceId: card.id,
        ...pick(card, 'brand', 'last4', 'expMonth', 'expYear', 'blocked', 'isDefault'),
      })),
      metadata: customer.metadata,
    },
  });
}
