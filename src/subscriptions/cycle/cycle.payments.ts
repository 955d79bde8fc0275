import { Injectable } from '@nestjs/common';
import type { Tx } from '../../database/database.js';
import type { Cause } from '../../kernel/applied.js';
import { derivedId } from '../../kernel/ids.js';
import { FactApplier } from '../../payments/facts/fact.applier.js';
import { OrderSlotStore, slotOf } from '../../payments/payment/order.slot.store.js';
import { PaymentStore } from '../../payments/payment/payment.store.js';
import type { PaymentRow } from '../../payments/payment/payment.tables.js';
import { PaymentWriter } from '../../payments/payment/payment.changes.js';
import type { SubscriptionPeriod } from '../../providers/billing.facts.js';
import type { SubscriptionRow } from '../subscription/subscription.tables.js';

/** A cycle of a locked subscription that money is asked for. */
export interface CycleToPay {
  row: SubscriptionRow;
  period: SubscriptionPeriod;
  planName: string;
  /** When it was read. */
  at: Date;
}

/** Each cycle's charge as a payment like every other: one for each, for ever. */
@Injectable()
export class CyclePayments {
  constructor(
    private readonly payments: PaymentStore,
    private readonly slots: OrderSlotStore,
    private readonly writer: PaymentWriter,
    private readonly facts: FactApplier,
  ) {}

  /** The id of the cycle's payment: made, or found and made this subscription's. */
  async keep(tx: Tx, cycle: CycleToPay, cause: Cause): Promise<string> {
    const known = await this.find(tx, cycle);
    if (known !== undefined) return this.link(tx, known, cycle.row);
    const made = await this.payments.insertAdopted(tx, this.newRow(cycle));
    if (made !== undefined) return this.announce(tx, made, cycle, cause);
    // Another transaction made it first.
    const other = await this.find(tx, cycle);
    if (other === undefined) throw new Error(`the payment of cycle ${cycle.period.periodId} is not there`);
    return this.link(tx, other, cycle.row);
  }

  /** Applies what the payment's own objects say: they carry no id of ours. */
  async tell(tx: Tx, paymentId: string, { payment }: SubscriptionPeriod, cause: Cause): Promise<void> {
    for (const fact of payment) {
      await this.facts.apply(tx, { ...fact, ref: { ...fact.ref, paymentId } }, cause);
    }
  }

  /** What was asked for came down to nothing: a credit paid it. */
  async drop(tx: Tx, paymentId: string, { provider, livemode }: SubscriptionRow, at: Date, cause: Cause) {
    const ref = { provider, paymentId };
    await this.facts.apply(tx, { kind: 'payment', name: 'canceled', ref, livemode, occurredAt: at }, cause);
  }

  /**
   * The subscription ended before this cycle was paid, and nobody collects it any more. Money that comes all the same
   * counts.
   */
  async giveUp(
    tx: Tx,
    paymentId: string,
    { provider, livemode }: SubscriptionRow,
    at: Date,
    cause: Cause,
  ): Promise<void> {
    const ref = { provider, paymentId };
    const reason = 'subscription_ended';
    await this.facts.apply(
      tx,
      { kind: 'payment', name: 'failed', ref, livemode, occurredAt: at, reason },
      cause,
    );
  }

  private find(tx: Tx, { row, period }: CycleToPay): Promise<PaymentRow | undefined> {
    const { providerPaymentId } = period;
    return this.payments.findByRef(tx, { provider: row.provider, providerPaymentId });
  }

  private async link(tx: Tx, found: PaymentRow, row: SubscriptionRow): Promise<string> {
    if (found.subscriptionId !== null) return found.id;
    await this.slots.lock(tx, slotOf(found));
    const payment = await this.payments.lock(tx, found.id);
    if (payment === undefined) throw new Error(`payment ${found.id} is gone`);
    const owner = { subscriptionId: row.id, customerId: row.customerId };
    await this.payments.update(tx, payment.id, payment.version, owner);
    return payment.id;
  }

  private async announce(
    tx: Tx,
    made: PaymentRow,
    { period, at }: CycleToPay,
    cause: Cause,
  ): Promise<string> {
    const changes = this.writer.changesTo(made, cause);
    const occurredAt = period.payment[0]?.occurredAt ?? at;
    changes.step({ fact: 'created', event: 'payment.created', occurredAt });
    await this.writer.write(tx, changes);
    return made.id;
  }

  private newRow({ row, period, planName }: CycleToPay) {
    const { amount, currency } = period.money;
    return {
      // The same whenever and wherever the cycle is heard of.
      id: derivedId('payment', row.provider, period.providerPaymentId),
      orderId: row.orderId,
      customerId: row.customerId,
      subscriptionId: row.id,
      provider: row.provider,
      livemode: row.livemode,
      status: 'created' as const,
      amount,
      currency,
      capture: 'automatic' as const,
      providerPaymentId: period.providerPaymentId,
      items: [{ name: planName, unitAmount: amount.toString(), quantity: 1 }],
      metadata: row.metadata,
      caller: row.caller,
      version: 0,
    };
  }
}
