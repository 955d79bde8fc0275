import { Injectable } from '@nestjs/common';
import { ServiceSettings } from '../../config/settings.js';
import type { Tx } from '../../database/database.js';
import { Clock } from '../../kernel/clock.js';
import { Ids } from '../../kernel/ids.js';
import { OutboxStore } from '../../outbox/outbox.store.js';
import { customerUpdated } from './customer.event.js';
import { CustomerRows } from './customer.rows.js';
import type { CustomerPatch } from './customer.store.js';
import type { CustomerRow } from './customer.tables.js';

/** Writes the next version of a customer and promises its event, in the caller's transaction. */
@Injectable()
export class CustomerWriter {
  constructor(
    private readonly rows: CustomerRows,
    private readonly outbox: OutboxStore,
    private readonly ids: Ids,
    private readonly clock: Clock,
    private readonly service: ServiceSettings,
  ) {}

  /** @param customer under its lock; its cards are written already. */
  async write(tx: Tx, customer: CustomerRow, patch: CustomerPatch): Promise<CustomerRow> {
    const { id: customerId, provider } = customer;
    const written = await this.rows.customers.update(tx, customer, patch);
    const cards = await this.rows.cards.of(tx, [customerId]);
    const account = await this.rows.accounts.find(tx, { customerId, provider });
    const message = customerUpdated(written, cards, {
      id: this.ids.next(),
      occurredAt: this.clock.now(),
      livemode: account?.livemode ?? false,
      source: this.service.publicUrl,
    });
    await this.outbox.append(tx, [message]);
    return written;
  }
}
