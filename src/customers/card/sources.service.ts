import { Injectable } from '@nestjs/common';
import type { Caller } from '../../http/access/caller.js';
import { IdempotencyService, type RememberedResource } from '../../http/idempotency/idempotency.service.js';
import { type PageDto, readPage } from '../../http/validation/page.dto.js';
import { ServiceError } from '../../kernel/errors.js';
import { CustomerDirectory } from '../customer/customer.directory.js';
import type { CustomerRow } from '../customer/customer.tables.js';
import { CardAdder } from './card.adder.js';
import { CardChanges } from './card.changes.js';
import type { PaymentSourceRow } from './card.tables.js';
import type { CreateSourceDto, RemoveSourceDto } from './create-source.dto.js';
import { type PaymentSourceList, type PaymentSourceResource, sourceView } from './source.view.js';

/** The saved cards of a customer. */
@Injectable()
export class SourcesService {
  constructor(
    private readonly directory: CustomerDirectory,
    private readonly adder: CardAdder,
    private readonly changes: CardChanges,
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
    const answer = await this.idempotency.run(asked, async (resource: RememberedResource) => ({
      status: 201,
      body: sourceView(await this.adder.addOnce(customer, dto, `api:${caller.name}`, resource)),
    }));
    return answer.body;
  }

  /** @throws ServiceError not_found, also for a card of another customer; card_in_use with `details.subscriptionIds`. */
  async remove(
    customerId: string,
    sourceId: string,
    caller: Caller,
    { force = false }: RemoveSourceDto = {},
  ): Promise<PaymentSourceResource> {
    const { customer, card } = await this.find(customerId, sourceId, caller);
    await this.changes.remove(customer, card, `api:${caller.name}`, { force });
    return sourceView(card);
  }

  /** The card that its provider charges where none is named. @throws ServiceError not_found, card_unusable. */
  async makeDefault(customerId: string, sourceId: string, caller: Caller): Promise<PaymentSourceResource> {
    const { customer, card } = await this.find(customerId, sourceId, caller);
    return sourceView(await this.changes.makeDefault(customer, card, `api:${caller.name}`));
  }

  private async find(
    customerId: string,
    sourceId: string,
    caller: Caller,
  ): Promise<{ customer: CustomerRow; card: PaymentSourceRow }> {
    const customer = await this.directory.get(customerId, caller);
    const card = (await this.directory.cards(customer)).find(({ id }) => id === sourceId);
    if (card === undefined) throw new ServiceError('not_found', 'the customer has no such card');
    return { customer, card };
  }
}
