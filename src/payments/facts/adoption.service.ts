import { Injectable } from '@nestjs/common';
import { OrdersSettings } from '../../config/settings.js';
import { ServiceFacts } from '../../database/service.facts.js';
import type { Tx } from '../../database/database.js';
import { Ids } from '../../kernel/ids.js';
import type { PaymentFact } from '../../providers/facts.js';
import type { Applied } from '../../kernel/applied.js';
import { type OrderSlot, OrderSlotStore, slotOf } from '../payment/order.slot.store.js';
import { PaymentApplier } from '../payment/payment.applier.js';
import type { Cause } from '../../kernel/cause.js';
import { PaymentStore } from '../payment/payment.store.js';
import type { PaymentRow } from '../payment/payment.tables.js';

/** From when on foreign payments are announced: ADOPT_SINCE, or this database's first start. */
@Injectable()
export class AdoptionDate {
  constructor(
    private readonly orders: OrdersSettings,
    private readonly facts: ServiceFacts,
  ) {}

  /** At a whole second: providers tell times no finer, and a payment of the first second is not an old one. */
  async read(tx: Tx): Promise<Date> {
    const since = this.orders.adoptSince ?? (await this.facts.dateOf(tx, 'first_start'));
    return new Date(Math.floor(since.getTime() / 1000) * 1000);
  }
}

/** Makes a payment of money that we did not ask for: sessions of the service that was replaced, and second ones. */
@Injectable()
export class AdoptionService {
  constructor(
    private readonly stores: PaymentStore,
    private readonly slots: OrderSlotStore,
    private readonly applier: PaymentApplier,
    private readonly ids: Ids,
    private readonly since: AdoptionDate,
  ) {}

  /** @param relative the payment whose id this money carries, when it came through another session of it. */
  async adopt(tx: Tx, fact: PaymentFact, relative: PaymentRow | undefined, cause: Cause): Promise<Applied> {
    const orderId = relative === undefined ? fact.ref.orderId : relative.orderId;
    if (relative === undefined && fact.ref.paymentId !== undefined)
      return { kind: 'parked', reason: 'payment_unknown' };
    if (relative === undefined && !orderId) return { kind: 'ignored', reason: 'not_ours' };
    const money = fact.money;
    if (money === undefined || fact.name === 'opened') return { kind: 'ignored', reason: 'nothing_to_adopt' };
    const slot = await this.slots.lock(tx, relative === undefined ? (orderId ?? '') : slotOf(relative));
    const payment = await this.stores.insertAdopted(tx, {
      id: this.ids.next(),
      orderId: orderId ?? null,
      provider: fact.ref.provider,
      livemode: fact.livemode,
      status: 'created',
      amount: relative?.amount ?? money.amount,
      currency: relative?.currency ?? money.currency,
      capture: relative?.capture ?? (fact.name === 'authorized' ? 'manual' : 'automatic'),
      sessionId: fact.ref.sessionId ?? null,
      providerPaymentId: fact.ref.providerPaymentId ?? null,
      items: relative?.items ?? [],
      metadata: relative?.metadata ?? {},
      adopted: relative === undefined,
      announced: !isDated(fact) || (await this.isRecent(tx, fact)),
      customerId: relative?.customerId ?? null,
      subscriptionId: relative?.subscriptionId ?? null,
      caller: relative?.caller ?? 'nats',
      version: 0,
    });
    // Another transaction did it first; what it made is found by the next try.
    if (payment === undefined) return { kind: 'parked', reason: 'adopted_meanwhile' };
    await this.occupy(tx, slot, payment, fact);
    return this.applier.apply(tx, { payment, slot, fact, cause });
  }

  /**
   * The payment as the fact finds it: one that an attempt of long ago made known is announced when it is paid since.
   */
  async announcing(tx: Tx, payment: PaymentRow, fact: PaymentFact): Promise<PaymentRow> {
    if (payment.announced || !isDated(fact)) return payment;
    return { ...payment, announced: await this.isRecent(tx, fact) };
  }

  private async isRecent(tx: Tx, { occurredAt }: PaymentFact): Promise<boolean> {
    return occurredAt >= (await this.since.read(tx));
  }

  /** A voucher of the replaced service is this order's live attempt, where there is no other. */
  private async occupy(tx: Tx, slot: OrderSlot, payment: PaymentRow, fact: PaymentFact): Promise<void> {
    const live = fact.name === 'pending' || fact.name === 'authorized' || fact.name === 'attempt_failed';
    if (!live || slot.openPaymentId !== null || slot.paidPaymentId !== null) return;
    await this.slots.update(tx, slot.orderId, { openPaymentId: payment.id });
  }
}

/**
 * What may be told long after it happened: a provider tells declined attempts together with the payment that came of
 * them. Everything else is how things stand now.
 */
function isDated({ name }: PaymentFact): boolean {
  return name === 'succeeded' || name === 'attempt_failed';
}
