import { Injectable } from '@nestjs/common';
import type { Tx } from '../../database/database.js';
import { Clock } from '../../kernel/clock.js';
import { OrderSlotStore, slotOf } from './order.slot.store.js';
import { isClosed, isOpen, type OwnFactName, verdict } from './payment.js';
import type { Cause } from '../../kernel/applied.js';
import { PaymentStore } from './payment.store.js';
import type { PaymentRow } from './payment.tables.js';
import { PaymentWriter } from './payment.writer.js';

/** Moves a payment by what we know of ourselves: a lost answer, a refusal, our own closing of it. */
@Injectable()
export class OwnFactApplier {
  constructor(
    private readonly payments: PaymentStore,
    private readonly slots: OrderSlotStore,
    private readonly writer: PaymentWriter,
    private readonly clock: Clock,
  ) {}

  async apply(tx: Tx, paymentId: string, name: OwnFactName, cause: Cause, reason?: string): Promise<void> {
    const payment = await this.lock(tx, paymentId);
    const next = verdict(payment.status, name);
    if (next === 'stale' || next === 'late') return;
    const closed = isClosed(next);
    const changes = this.writer.changesTo(payment, cause);
    changes.step({
      fact: name,
      patch: {
        status: next,
        ...(closed ? { closedBy: 'us', nextCheckAt: null } : {}),
        ...(closed && reason !== undefined ? { failure: { reason } } : {}),
      },
      ...(closed ? { event: `payment.${next}` } : {}),
      ...(reason === undefined ? {} : { detail: { reason } }),
      occurredAt: this.clock.now(),
    });
    await this.writer.write(tx, changes);
    if (closed) await this.slots.release(tx, slotOf(payment), payment.id);
  }

  /** We wanted to close it and could not: whoever ends it now is not us, and money that comes counts. */
  async stayedOpen(tx: Tx, paymentId: string): Promise<void> {
    const payment = await this.lock(tx, paymentId);
    if (!isOpen(payment.status) || payment.closedBy === null) return;
    await this.payments.update(tx, payment.id, payment.version, { closedBy: null });
  }

  /** Locks the payment, its order first. */
  async lock(tx: Tx, paymentId: string): Promise<PaymentRow> {
    const found = await this.payments.findById(tx, paymentId);
    if (found === undefined) throw new Error(`payment ${paymentId} is gone`);
    await this.slots.lock(tx, slotOf(found));
    const payment = await this.payments.lock(tx, paymentId);
    if (payment === undefined) throw new Error(`payment ${paymentId} is gone`);
    return payment;
  }
}
