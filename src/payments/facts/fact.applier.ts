import { Injectable } from '@nestjs/common';
import type { Tx } from '../../database/database.js';
import type { Fact, PaymentRef } from '../../providers/facts.js';
import { AdoptionService, PAYMENT_UNKNOWN } from './adoption.service.js';
import type { Applied, Cause } from '../../kernel/applied.js';
import { DisputeApplier } from '../dispute/dispute.applier.js';
import { OrderSlotStore, slotOf } from '../payment/order.slot.store.js';
import { PaymentApplier } from '../payment/payment.applier.js';
import { PaymentStore } from '../payment/payment.store.js';
import type { PaymentRow } from '../payment/payment.tables.js';
import { RefundApplier } from '../refund/refund.applier.js';

/** Refunds and disputes. */
@Injectable()
export class MoneyBackAppliers {
  constructor(
    private readonly refunds: RefundApplier,
    private readonly disputes: DisputeApplier,
  ) {}

  apply(
    tx: Tx,
    payment: PaymentRow,
    fact: Exclude<Fact, { kind: 'payment' }>,
    cause: Cause,
  ): Promise<Applied> {
    return fact.kind === 'refund'
      ? this.refunds.apply(tx, payment, fact, cause)
      : this.disputes.apply(tx, payment, fact, cause);
  }
}

/** The one way in which anything moves a payment: webhooks, the janitor and the answers of API calls end here. */
@Injectable()
export class FactApplier {
  constructor(
    private readonly payments: PaymentStore,
    private readonly slots: OrderSlotStore,
    private readonly adoption: AdoptionService,
    private readonly paymentFacts: PaymentApplier,
    private readonly moneyBack: MoneyBackAppliers,
  ) {}

  /** @param waited a payment that is not here was waited for long enough: its row is lost, or never was. */
  async apply(tx: Tx, fact: Fact, cause: Cause, waited = false): Promise<Applied> {
    const found = await this.find(tx, fact.ref);
    if (found !== undefined && found.provider !== fact.ref.provider) {
      return { kind: 'conflict', reason: `payment ${found.id} is at ${found.provider}` };
    }
    if (found === undefined || isAnotherPayment(found, fact.ref))
      return this.applyToUnknown(tx, fact, found, cause, waited);
    const slot = await this.slots.lock(tx, slotOf(found));
    const payment = await this.payments.lock(tx, found.id);
    if (payment === undefined) return { kind: 'parked', reason: PAYMENT_UNKNOWN };
    // Before the lock it may not have been known whose money this payment's is.
    if (isAnotherPayment(payment, fact.ref)) return this.applyToUnknown(tx, fact, payment, cause, waited);
    if (payment.livemode !== fact.livemode)
      return { kind: 'conflict', reason: 'another mode than the payment' };
    if (fact.kind !== 'payment') return this.moneyBack.apply(tx, payment, fact, cause);
    const told = await this.adoption.announcing(tx, payment, fact);
    return this.paymentFacts.apply(tx, { payment: told, slot, fact, cause });
  }

  /** The payment that it is about; else the one whose id it carries, though its money is another's. */
  private async find(tx: Tx, ref: PaymentRef): Promise<PaymentRow | undefined> {
    const found = await this.payments.findByRef(tx, ref);
    if (found === undefined || !isAnotherPayment(found, ref)) return found;
    const exact = await this.payments.findByRef(tx, { ...ref, paymentId: undefined });
    return exact !== undefined && !isAnotherPayment(exact, ref) ? exact : found;
  }

  private async applyToUnknown(
    tx: Tx,
    fact: Fact,
    relative: PaymentRow | undefined,
    cause: Cause,
    waited: boolean,
  ): Promise<Applied> {
    if (fact.kind === 'refund' && fact.neverCaptured === true)
      return { kind: 'ignored', reason: 'never_captured' };
    if (fact.kind !== 'payment') {
      const whose = relative === undefined ? await this.adoption.whose(tx, fact.ref, waited) : undefined;
      return whose?.kind === 'ignored' || whose?.kind === 'quarantined'
        ? whose
        : { kind: 'parked', reason: PAYMENT_UNKNOWN };
    }
    if (relative !== undefined && fact.name !== 'succeeded' && fact.name !== 'authorized') {
      return { kind: 'stale', reason: 'another attempt of a payment that goes on' };
    }
    return this.adoption.adopt(tx, fact, relative, cause, waited);
  }
}

/**
 * Two sessions can carry one payment's id, when the answer to the first was lost. The second one's money is
 * another payment of the same order, and never hides behind the first.
 */
function isAnotherPayment(payment: PaymentRow, theirs: PaymentRef): boolean {
  return (
    payment.providerPaymentId !== null &&
    theirs.providerPaymentId !== undefined &&
    payment.providerPaymentId !== theirs.providerPaymentId
  );
}
