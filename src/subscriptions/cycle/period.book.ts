import { Injectable } from '@nestjs/common';
import type { Tx } from '../../database/database.js';
import type { Cause } from '../../kernel/applied.js';
import { Ids } from '../../kernel/ids.js';
import type { SubscriptionPeriod } from '../../providers/billing.facts.js';
import type { PlanRow } from '../plan/plan.tables.js';
import { CyclePayments } from './cycle.payments.js';
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
    private readonly payments: CyclePayments,
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
    const told = billedPeriods(reading);
    const kept = await this.rowsOf(tx, row.provider, told);
    const cycles: Cycle[] = [];
    for (const period of told) {
      const before = kept.get(period.periodId);
      const isFree = period.money.amount === 0n;
      const asked = before?.paymentId ?? null;
      if (isFree && asked !== null) {
        await this.payments.drop(tx, asked, row, period.paidAt ?? reading.readFrom, cause);
      }
      const cycle = { row, period, planName: plan.name, at: reading.readFrom };
      const paymentId = isFree ? null : (asked ?? (await this.payments.keep(tx, cycle, cause)));
      if (paymentId !== null) await this.payments.tell(tx, paymentId, period, cause);
      if (before === undefined) await this.insert(tx, row, period, paymentId);
      else await this.update(tx, before, period);
      cycles.push(cycleOf(period, paymentId, before));
    }
    if (reading.fact.status === 'canceled') await this.giveUp(tx, row, reading, cause);
    return cycles;
  }

  private async giveUp(
    tx: Tx,
    row: SubscriptionRow,
    { fact, readFrom }: SubscriptionReading,
    cause: Cause,
  ): Promise<void> {
    for (const { paymentId } of await this.periods.unpaidOf(tx, row.id)) {
      if (paymentId === null) continue;
      await this.payments.giveUp(tx, paymentId, row, fact.canceledAt ?? readFrom, cause);
    }
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
