import { Injectable } from '@nestjs/common';
import { Database, type Tx } from '../../database/database.js';
import type { Caller } from '../../http/access/caller.js';
import { IdempotencyService, type RememberedResource } from '../../http/idempotency/idempotency.service.js';
import { type PageDto, readPage } from '../../http/validation/page.dto.js';
import type { Cause } from '../../kernel/applied.js';
import { ServiceError } from '../../kernel/errors.js';
import { Ids } from '../../kernel/ids.js';
import { CardStore } from '../customer/card.store.js';
import { CustomerDirectory } from '../customer/customer.directory.js';
import { unusableCard } from '../customer/customer.js';
import { CustomerCalls } from '../customer/customer.operations.js';
import { CustomerStore } from '../customer/customer.store.js';
import type { CustomerRow, PaymentSourceRow } from '../customer/customer.tables.js';
import { type PaymentSourceList, type PaymentSourceResource, sourceView } from '../customer/customer.view.js';
import type { CreateSourceDto, RemoveSourceDto } from './source.dto.js';

interface NewCall {
  /** Default: a new one. */
  operationId?: string;
  /** The setup that the token came of, which is saved with the card. */
  setupId?: string;
  /** Under the customer's lock: there is nothing to do. */
  unless?: (tx: Tx) => Promise<boolean>;
}

@Injectable()
export class SourcesService {
  constructor(
    private readonly database: Database,
    private readonly cards: CardStore,
    private readonly customers: CustomerStore,
    private readonly directory: CustomerDirectory,
    private readonly calls: CustomerCalls,
    private readonly ids: Ids,
    private readonly idempotency: IdempotencyService,
  ) {}

  /** @throws ServiceError not_found */
  async list(
    customerId: string,
    caller: Caller,
    { cursor, limit = Infinity }: PageDto = {},
  ): Promise<PaymentSourceList> {
    const cards = await this.directory.cards(await this.directory.get(customerId, caller));
    const { rows, nextCursor } = await readPage(
      { cursor, limit },
      async (bounds) => {
        const from = cards.findIndex(({ id }) => id === bounds.before) + 1;
        return cards.slice(from, from + bounds.limit);
      },
      ({ id }) => id,
    );
    return { data: rows.map(sourceView), nextCursor };
  }

  /**
   * The same answer for the same Idempotency-Key.
   * @returns a PaymentSourceResource, as it was stored under the key.
   * @throws ServiceError not_found, card_unusable naming `token`, card_declined, unknown_outcome (with
   * `details.customerId`), operation_in_doubt.
   */
  async add(customerId: string, dto: CreateSourceDto, caller: Caller, key?: string): Promise<unknown> {
    const customer = await this.directory.get(customerId, caller);
    const asked = { caller: caller.group, key, operation: 'add-source', request: { ...dto, customerId } };
    return this.idempotency.make(asked, async (resource) =>
      sourceView(await this.addOnce(customer, dto, `api:${caller.name}`, resource)),
    );
  }

  /**
   * One that the provider does not have any more is removed, too.
   * @throws ServiceError not_found, also for a card of another customer; card_in_use with `details.subscriptionIds`.
   */
  async remove(
    customerId: string,
    sourceId: string,
    caller: Caller,
    { force = false }: RemoveSourceDto = {},
  ): Promise<PaymentSourceResource> {
    const card = await this.find(customerId, sourceId, caller);
    try {
      await this.ask('remove_card', card, `api:${caller.name}`, async (tx) => {
        if (!force) await this.assertFree(tx, card);
      });
    } catch (error) {
      const kept = await this.cards.findCard(this.database.db, card.id);
      if (!(error instanceof ServiceError) || kept?.removedAt === null) throw error;
    }
    return sourceView(card);
  }

  /** The card that its provider charges where none is named. @throws ServiceError not_found, card_unusable. */
  async makeDefault(customerId: string, sourceId: string, caller: Caller): Promise<PaymentSourceResource> {
    const card = await this.find(customerId, sourceId, caller);
    await this.makeCardDefault(card, `api:${caller.name}`);
    return sourceView((await this.cards.findCard(this.database.db, card.id)) ?? card);
  }

  /** Of its customer at its provider. @throws as CustomerCalls.make does. */
  makeCardDefault(card: PaymentSourceRow, cause: Cause): Promise<void> {
    return this.ask('set_default_card', card, cause);
  }

  /** Gives a customer the card that a token stands for. @throws as CustomerCalls.make does. */
  async addCard(customer: CustomerRow, wish: CreateSourceDto, cause: Cause, record: NewCall): Promise<void> {
    const { operationId, setupId, unless } = record;
    const provider = wish.provider ?? customer.provider;
    const providerCustomerId = await this.directory.accountAt(customer, provider, cause);
    await this.calls.make(customer.id, cause, async (tx) => {
      if ((await unless?.(tx)) === true) return [];
      const cards = await this.cards.cardsOf(tx, [customer.id], provider);
      const makeDefault = wish.makeDefault ?? !cards.some(({ isDefault }) => isDefault);
      const command = { kind: 'add_card', providerCustomerId, token: wish.token, makeDefault } as const;
      return [{ provider, command, operationId, after: { setupId } }];
    });
  }

  /** A repeat continues with the call that an earlier attempt recorded. */
  private async addOnce(
    customer: CustomerRow,
    wish: CreateSourceDto,
    cause: Cause,
    resource: RememberedResource,
  ): Promise<PaymentSourceRow> {
    if (resource.id !== undefined) {
      // Whatever was left without an end, this call among it, is brought to one first.
      await this.calls.make(customer.id, cause, async () => []);
      const made = await this.cards.madeBy(this.database.db, resource.id);
      if (made !== undefined) return made;
    }
    const operationId = this.ids.next();
    await resource.remember(operationId);
    await this.addCard(customer, wish, cause, { operationId });
    const made = await this.cards.madeBy(this.database.db, operationId);
    if (made === undefined) throw unusableCard('token');
    return made;
  }

  private async find(customerId: string, sourceId: string, caller: Caller): Promise<PaymentSourceRow> {
    const cards = await this.directory.cards(await this.directory.get(customerId, caller));
    const card = cards.find(({ id }) => id === sourceId);
    if (card === undefined) throw new ServiceError('not_found', 'the customer has no such card');
    return card;
  }

  private async ask(
    kind: 'remove_card' | 'set_default_card',
    { customerId, provider, providerSourceId }: PaymentSourceRow,
    cause: Cause,
    check?: (tx: Tx) => Promise<void>,
  ): Promise<void> {
    await this.calls.make(customerId, cause, async (tx) => {
      await check?.(tx);
      const providerCustomerId = await this.customers.idAtProvider(tx, customerId, provider);
      if (providerCustomerId === undefined) return [];
      const command = { kind, providerCustomerId, providerSourceId };
      return [{ provider, target: providerSourceId, command }];
    });
  }

  /** As the card is now: another request may have made it the default one. */
  private async assertFree(tx: Tx, { id }: PaymentSourceRow): Promise<void> {
    const card = await this.cards.findCard(tx, id);
    const subscriptionIds = card === undefined ? [] : await this.cards.chargedBy(tx, card);
    if (subscriptionIds.length === 0) return;
    const message =
      'subscriptions charge this card: give them another one, cancel them, or remove it all the same with force';
    throw new ServiceError('card_in_use', message, { subscriptionIds });
  }
}
