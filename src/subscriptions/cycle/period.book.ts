import { Injectable } from '@nestjs/common';
import type { Tx } from '../../database/database.js';
import type { Cause } from '../../kernel/applied.js';
import { derivedId, Ids } from '../../kernel/ids.js';
import type { OwnFact } from '../../payments/facts/own.facts.js';
import { PaymentFacts } from '../../payments/facts/payment.facts.js';
import { newPayment } from '../../payments/facts/payment.state.js';
import type { Fact, PaymentFact } from '../../providers/facts.js';
import type { SubscriptionPeriod } from '../../providers/billing.facts.js';
import type { PlanRow } from '../plan/plan.tables.js';
import { PeriodStore } from './period.store.js';
import type { SubscriptionReading } from '../subscription/subscription.js';
import type { SubscriptionPeriodRow, SubscriptionRow } from '../subscription/subscription.tables.js';

/** A bill with the payment that it is. */
export interface Cycle {
  period: SubscriptionPeriod;
  /** Null where it costs nothing. */
  paymentId: string | null;
  /** Its payment was announced before. */
  wasPaid: boolean;
  /** It was heard of before, and not paid then. */
  wasOpen: boolean;
  /** It was announced before that nobody asks for its money any more. */
  wasClosed: boolean;
}

/** Keeps what a locked subscription was billed, each with its payment. */
@Injectable()
export class PeriodBook {
  constructor(
    private readonly periods: PeriodStore,
    private readonly payments: PaymentFacts,
    private readonly ids: Ids,
  ) {}

  /** The cycle that runs was billed, by this reading or before. */
  async isBilled(tx: Tx, { id }: SubscriptionRow, { fact }: SubscriptionReading): Promise<boolean> {
    const { periodStart, periods } = fact;
    if (periodStart === undefined) return true;
    const isIts = ({ start, offCycle }: SubscriptionPeriod): boolean =>
      offCycle !== true && start?.getTime() === periodStart.getTime();
    return periods.some(isIts) || this.periods.hasCycleFrom(tx, id, periodStart);
  }

  /** The reading's bills as they are kept; undefined when one is not. */
  async known(
    tx: Tx,
    { provider }: SubscriptionRow,
    reading: SubscriptionReading,
  ): Promise<Cycle[] | undefined> {
    const told = billedPeriods(reading);
    const kept = await this.rowsOf(tx, provider, told);
    const cycles = told.flatMap((period) => {
      const row = kept.get(period.periodId);
      return row === undefined ? [] : [cycleOf(period, row.paymentId, row)];
    });
    return cycles.length === told.length ? cycles : undefined;
  }

  /** Writes the reading's bills, oldest first, and what became of their payments. */
  async keep(
    tx: Tx,
    row: SubscriptionRow,
    plan: PlanRow,
    reading: SubscriptionReading,
    cause: Cause,
  ): Promise<Cycle[]> {
    const periods = billedPeriods(reading);
    const kept = await this.rowsOf(tx, row.provider, periods);
    const bills = periods.map((period) => {
      const before = kept.get(period.periodId);
      const asked = before?.paymentId ?? null;
      return { period, before, asked, paymentId: paymentIdOf(row, period, asked) };
    });
    const at = reading.readFrom;
    const told = bills.flatMap(({ period, asked, paymentId }): (Fact | OwnFact)[] => {
      // What was asked for came down to nothing: a credit paid it.
      if (paymentId === null)
        return asked === null ? [] : [endFact(row, asked, 'canceled', period.paidAt ?? at)];
      const bill = asked === null ? [billedFact(row, period, plan.name, at)] : [];
      return [...bill, ...period.payment.map((fact) => ({ ...fact, ref: { ...fact.ref, paymentId } }))];
    });
    const decisions = await this.payments.applyAll(
      tx,
      told.map((fact) => ({ fact, cause })),
    );
    // One that its events made may have another id.
    const made = new Map(
      decisions.flatMap(({ applied }, index) => {
        const fact = told[index];
        return fact?.kind === 'own' && applied.kind === 'applied' ? [[fact.ref.paymentId, applied.id]] : [];
      }),
    );
    const cycles: Cycle[] = [];
    for (const { period, before, paymentId: derived } of bills) {
      const paymentId = derived === null ? null : (made.get(derived) ?? derived);
      if (before === undefined) await this.insert(tx, row, period, paymentId);
      else await this.update(tx, before, period);
      cycles.push(cycleOf(period, paymentId, before));
    }
    if (reading.fact.status === 'canceled') await this.giveUp(tx, row, reading, cause);
    return cycles;
  }

  /** Nobody collects any more what was not paid before the end. Money that comes all the same counts. */
  private async giveUp(
    tx: Tx,
    row: SubscriptionRow,
    { fact, readFrom }: SubscriptionReading,
    cause: Cause,
  ): Promise<void> {
    const ids = (await this.periods.unpaidOf(tx, row.id)).flatMap(({ paymentId }) => paymentId ?? []);
    const facts = ids.map((id) => ({
      ...endFact(row, id, 'failed', fact.canceledAt ?? readFrom),
      reason: 'subscription_ended',
    }));
    if (facts.length > 0)
      await this.payments.applyAll(
        tx,
        facts.map((fact) => ({ fact, cause })),
      );
  }

  private async rowsOf(
    tx: Tx,
    provider: string,
    told: readonly SubscriptionPeriod[],
  ): Promise<Map<string, SubscriptionPeriodRow>> {
    if (told.length === 0) return new Map();
    const ids = told.map(({ periodId }) => periodId);
    const rows = await this.periods.byPeriodIds(tx, provider, ids);
    return new Map(rows.map((row) => [row.periodId, row]));
  }

  private async insert(
    tx: Tx,
    { id: subscriptionId, provider }: SubscriptionRow,
    { periodId, start, end, money, paidAt, closed, offCycle }: SubscriptionPeriod,
    paymentId: string | null,
  ): Promise<void> {
    await this.periods.insert(tx, {
      id: this.ids.next(),
      subscriptionId,
      provider,
      periodId,
      start: start ?? null,
      end: end ?? null,
      ...money,
      paymentId,
      paidAt: paidAt ?? null,
      closedAt: closed?.at ?? null,
      offCycle: offCycle ?? false,
    });
  }

  /** A later reading may not tell any more when the cycle ran. */
  private async update(tx: Tx, before: SubscriptionPeriodRow, period: SubscriptionPeriod): Promise<void> {
    const patch = {
      ...(before.start === null && period.start !== undefined && { start: period.start }),
      ...(before.end === null && period.end !== undefined && { end: period.end }),
      ...(before.paidAt === null && period.paidAt !== undefined && { paidAt: period.paidAt }),
      ...(before.closedAt === null && period.closed !== undefined && { closedAt: period.closed.at }),
      // An earlier version took every bill for a cycle.
      ...(!before.offCycle && period.offCycle === true && { offCycle: true }),
    };
    if (Object.keys(patch).length > 0) await this.periods.update(tx, before.id, patch);
  }
}

/** What costs nothing is kept once it is paid, without a payment. */
function billedPeriods({ fact }: SubscriptionReading): SubscriptionPeriod[] {
  return fact.periods.filter(({ money, paidAt }) => money.amount > 0n || paidAt !== undefined);
}

function cycleOf(
  period: SubscriptionPeriod,
  paymentId: string | null,
  before: SubscriptionPeriodRow | undefined,
): Cycle {
  const { paidAt = null, closedAt = null } = before ?? {};
  const wasPaid = paidAt !== null;
  const wasOpen = before !== undefined && !wasPaid;
  return { period, paymentId, wasPaid, wasOpen, wasClosed: closedAt !== null };
}

/** Null: it costs nothing. Else the one that it has, or the same whenever and wherever the cycle is heard of. */
function paymentIdOf(
  { provider }: SubscriptionRow,
  { money, providerPaymentId }: SubscriptionPeriod,
  asked: string | null,
): string | null {
  return money.amount === 0n ? null : (asked ?? derivedId('payment', provider, providerPaymentId));
}

/** Makes the cycle's payment, or finds the one that its events made and makes it this subscription's. */
function billedFact(
  row: SubscriptionRow,
  period: SubscriptionPeriod,
  planName: string,
  readFrom: Date,
): OwnFact {
  const { provider, livemode, orderId, customerId, metadata, caller } = row;
  const { money, providerPaymentId } = period;
  const id = derivedId('payment', provider, providerPaymentId);
  const payment = newPayment(readFrom, {
    ...{ id, orderId, customerId, provider, livemode, metadata, caller, providerPaymentId },
    ...money,
    subscriptionId: row.id,
    capture: 'automatic',
    items: [{ name: planName, unitAmount: money.amount.toString(), quantity: 1 }],
  });
  const ref = { provider, paymentId: id, providerPaymentId };
  return { kind: 'own', name: 'billed', ref, payment, occurredAt: period.payment[0]?.occurredAt ?? readFrom };
}

/** The cycle's payment ends without money. */
function endFact(
  { provider, livemode }: SubscriptionRow,
  paymentId: string,
  name: 'canceled' | 'failed',
  occurredAt: Date,
): PaymentFact {
  return { kind: 'payment', name, ref: { provider, paymentId }, livemode, occurredAt };
}
