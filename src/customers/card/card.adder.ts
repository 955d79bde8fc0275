import { Injectable } from '@nestjs/common';
import { Database, type Tx } from '../../database/database.js';
import type { RememberedResource } from '../../http/idempotency/idempotency.service.js';
import type { Cause } from '../../kernel/applied.js';
import { Ids } from '../../kernel/ids.js';
import { CustomerCalls } from '../customer/customer.calls.js';
import { CustomerDirectory } from '../customer/customer.directory.js';
import { CustomerRows } from '../customer/customer.rows.js';
import type { CustomerRow } from '../customer/customer.tables.js';
import type { PaymentSourceRow } from './card.tables.js';
import { unusableCard } from './unusable.card.js';

export interface CardWish {
  token: string;
  provider?: string | undefined;
  makeDefault?: boolean | undefined;
}

/** Gives a customer the card that a token stands for. */
@Injectable()
export class CardAdder {
  constructor(
    private readonly database: Database,
    private readonly rows: CustomerRows,
    private readonly directory: CustomerDirectory,
    private readonly calls: CustomerCalls,
    private readonly ids: Ids,
  ) {}

  /** A repeat continues with the call that an earlier attempt recorded. @throws as CustomerCalls.make does. */
  async addOnce(
    customer: CustomerRow,
    wish: CardWish,
    cause: Cause,
    resource: RememberedResource,
  ): Promise<PaymentSourceRow> {
    if (resource.id !== undefined) {
      // Whatever was left without an end, this call among it, is brought to one first.
      await this.calls.make(customer.id, cause, async () => []);
      const made = await this.rows.cards.madeBy(this.database.db, resource.id);
      if (made !== undefined) return made;
    }
    const operationId = this.ids.next();
    await resource.remember(operationId);
    await this.add(customer, wish, cause, { operationId });
    const made = await this.rows.cards.madeBy(this.database.db, operationId);
    if (made === undefined) throw unusableCard('token');
    return made;
  }

  /**
   * @param record the call's own id; the setup that the token came of, which is saved with the card; and what is
   * asked under the customer's lock: whether there is nothing to do.
   */
  async add(
    customer: CustomerRow,
    wish: CardWish,
    cause: Cause,
    record: { operationId?: string; setupId?: string; unless?: (tx: Tx) => Promise<boolean> },
  ): Promise<void> {
    const { operationId, setupId, unless } = record;
    const provider = wish.provider ?? customer.provider;
    const providerCustomerId = await this.directory.accountAt(customer, provider, cause);
    await this.calls.make(customer.id, cause, async (tx) => {
      if ((await unless?.(tx)) === true) return [];
      const cards = await this.rows.cards.of(tx, [customer.id], provider);
      const makeDefault = wish.makeDefault ?? !cards.some(({ isDefault }) => isDefault);
      const command = { kind: 'add_card', providerCustomerId, token: wish.token, makeDefault } as const;
      return [{ provider, command, operationId, after: { setupId } }];
    });
  }
}
