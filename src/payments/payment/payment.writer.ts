import { Injectable } from '@nestjs/common';
import type { Tx } from '../../database/database.js';
import { Ids } from '../../kernel/ids.js';
import { ServiceSettings } from '../../config/settings.js';
import { OutboxStore } from '../../outbox/outbox.store.js';
import type { Cause } from '../../kernel/applied.js';
import { PaymentChanges } from './payment.changes.js';
import { PaymentStore } from './payment.store.js';
import type { PaymentRow } from './payment.tables.js';

/** Writes a payment, its audit log and its messages in the caller's transaction. */
@Injectable()
export class PaymentWriter {
  constructor(
    private readonly payments: PaymentStore,
    private readonly outbox: OutboxStore,
    private readonly ids: Ids,
    private readonly service: ServiceSettings,
  ) {}

  changesTo(payment: PaymentRow, cause: Cause): PaymentChanges {
    return new PaymentChanges(payment, cause, this.ids, this.service.publicUrl);
  }

  async write(tx: Tx, changes: PaymentChanges): Promise<PaymentRow> {
    const { id, createdAt: _createdAt, updatedAt: _updatedAt, ...patch } = changes.payment;
    const written = await this.payments.update(tx, id, changes.lockedVersion, patch);
    await this.payments.recordTransitions(tx, changes.transitions);
    await this.outbox.append(tx, changes.messages);
    return written;
  }
}
