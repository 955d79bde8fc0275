import { Injectable } from '@nestjs/common';
import { OrdersSettings } from '../../config/settings.js';
import { Installation, ServiceFacts } from '../../database/service.store.js';
import type { Tx } from '../../database/database.js';
import { RESERVED_METADATA } from '../../http/validation/text.rules.js';
import { derivedId, isUuid } from '../../kernel/ids.js';
import type { PaymentFact, PaymentRef } from '../../providers/facts.js';
import { type Applied, type Cause, OTHER_INSTALLATION } from '../../kernel/applied.js';
import { type OrderSlot, OrderSlotStore, slotOf } from '../payment/order.slot.store.js';
import { PaymentApplier } from '../payment/payment.applier.js';
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

/** Its row may be about to be committed, or is lost. */
export const PAYMENT_UNKNOWN = 'payment_unknown';

/** What is known of a payment without a row. */
interface Claim {
  /** It was made under an id of ours. */
  ours: boolean;
  /** The id that we gave it. */
  paymentId: string | undefined;
}

type Whose = ({ kind: 'claimed' } & Claim) | Exclude<Applied, { kind: 'applied' }>;

/** Makes a payment of money that we have no row of: sessions of the service that was replaced, lost rows, second sessions. */
@Injectable()
export class AdoptionService {
  constructor(
    private readonly stores: PaymentStore,
    private readonly slots: OrderSlotStore,
    private readonly applier: PaymentApplier,
    private readonly installation: Installation,
    private readonly since: AdoptionDate,
  ) {}

  /**
   * Whose a payment is that we have no row of. What another installation made is its own. What carries an id of the
   * kind that we give is waited for: its row may be on its way; then it is ours if it was made under an id of ours (the
   * row is lost, as after a restored backup), and otherwise nobody can tell.
   * @param waited it was waited for long enough.
   */
  async whose(tx: Tx, { installationId, paymentId }: PaymentRef, waited: boolean): Promise<Whose> {
    const ours = installationId !== undefined && (await this.installation.isOurs(tx, installationId));
    if (installationId !== undefined && !ours) return { kind: 'ignored', reason: OTHER_INSTALLATION };
    // The replaced service's own ids are none of ours.
    if (paymentId === undefined || !isUuid(paymentId)) return { kind: 'claimed', ours, paymentId: undefined };
    if (!waited) return { kind: 'parked', reason: PAYMENT_UNKNOWN };
    if (ours) return { kind: 'claimed', ours, paymentId };
    return { kind: 'quarantined', reason: 'a payment that is not here, and names no installation' };
  }

  /**
   * @param relative the payment whose id this money carries, when it came through another session of it.
   * @param waited for the row, long enough.
   */
  async adopt(
    tx: Tx,
    fact: PaymentFact,
    relative: PaymentRow | undefined,
    cause: Cause,
    waited: boolean,
  ): Promise<Applied> {
    const whose: Whose =
      relative === undefined
        ? await this.whose(tx, fact.ref, waited)
        : { kind: 'claimed', ours: true, paymentId: undefined };
    if (whose.kind !== 'claimed') return whose;
    const orderId = (relative === undefined ? fact.ref.orderId : relative.orderId) || null;
    if (relative === undefined && orderId === null && whose.paymentId === undefined)
      return { kind: 'ignored', reason: 'not_ours' };
    const id = whose.paymentId ?? idOfAdopted(fact.ref);
    const { money } = fact;
    if (money === undefined || fact.name === 'opened' || id === undefined)
      return { kind: 'ignored', reason: 'nothing_to_adopt' };
    const slot = await this.slots.lock(
      tx,
      relative === undefined ? slotOf({ id, orderId }) : slotOf(relative),
    );
    const asked = relative ?? (await this.ownOpen(tx, slot));
    const isWhatWasAsked =
      asked === undefined || (asked.amount === money.amount && asked.currency === money.currency);
    const payment = await this.stores.insertAdopted(tx, {
      id,
      orderId,
      provider: fact.ref.provider,
      livemode: fact.livemode,
      status: 'created',
      // What comes in is compared with this: money that is not what its order asks for is put before a person.
      amount: asked?.amount ?? money.amount,
      currency: asked?.currency ?? money.currency,
      capture: relative?.capture ?? (fact.name === 'authorized' && isWhatWasAsked ? 'manual' : 'automatic'),
      sessionId: fact.ref.sessionId ?? null,
      providerPaymentId: fact.ref.providerPaymentId ?? null,
      items: relative?.items ?? [],
      metadata: relative?.metadata ?? (whose.ours ? callersOwn(fact.metadata) : {}),
      adopted: relative === undefined,
      announced: !isDated(fact) || (await this.isNews(tx, fact)),
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
    return { ...payment, announced: await this.isNews(tx, fact) };
  }

  /** What we made ourselves is, however long ago it was. */
  private async isNews(tx: Tx, { ref, occurredAt }: PaymentFact): Promise<boolean> {
    const { installationId } = ref;
    if (installationId !== undefined && (await this.installation.isOurs(tx, installationId))) return true;
    return occurredAt >= (await this.since.read(tx));
  }

  /** The order's live attempt, if we opened it: it says what the order asks for. */
  private async ownOpen(tx: Tx, { openPaymentId }: OrderSlot): Promise<PaymentRow | undefined> {
    const open = openPaymentId === null ? undefined : await this.stores.findById(tx, openPaymentId);
    return open?.adopted === false ? open : undefined;
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

/** The same whenever and wherever it is heard of. Undefined where the provider's ids do not say which payment it is. */
function idOfAdopted({ provider, providerPaymentId, sessionId, chargeId }: PaymentRef): string | undefined {
  const theirs = providerPaymentId ?? sessionId ?? chargeId;
  return theirs === undefined ? undefined : derivedId('payment', provider, theirs);
}

/** Without the keys that we add ourselves. */
function callersOwn(metadata: PaymentFact['metadata']): Record<string, string> {
  return Object.fromEntries(Object.entries(metadata ?? {}).filter(([key]) => !RESERVED_METADATA.has(key)));
}
