import { Injectable } from '@nestjs/common';
import { and, eq, inArray, isNotNull, or, type SQL, sql } from 'drizzle-orm';
import type { Queryable, Tx } from '../../database/database.js';
import { insertRows, isAny, updateRows } from '../../database/rows.store.js';
import { installations } from '../../database/service.tables.js';
import { isUuid } from '../../kernel/ids.js';
import type { PaymentRef } from '../../providers/facts.js';
import { PAID_STATUSES, PROVIDER_IDS } from '../payment/payment.js';
import {
  type DisputeRow,
  disputes,
  type NewTransition,
  type OrderSlot,
  orderSlots,
  type PaymentRow,
  payments,
  paymentTransitions,
  type RefundRow,
  refunds,
} from '../payment/payment.tables.js';

/** The rows that a decision changed. */
export interface PaymentRows {
  payments: { made: readonly PaymentRow[]; changed: readonly PaymentRow[] };
  slots: readonly OrderSlot[];
  refunds: { made: readonly RefundRow[]; changed: readonly RefundRow[] };
  disputes: { made: readonly DisputeRow[]; changed: readonly DisputeRow[] };
  transitions: readonly NewTransition[];
}

/** Another transaction was faster: what was decided is decided anew. Database.transaction does, as after a deadlock. */
export class MovedMeanwhile extends Error {
  readonly code = '40001';
}

/** Loads what facts are decided by and saves what they change, each for any number of payments at once. */
@Injectable()
export class PaymentFactsStore {
  /** The payments that these refs may be about, and those of these ids. */
  find(db: Queryable, refs: readonly PaymentRef[], ids: readonly string[] = []): Promise<PaymentRow[]> {
    return db.select().from(payments).where(isOneOf(refs, ids));
  }

  /** The same, locked; the locks of their slots come first. */
  lock(tx: Tx, refs: readonly PaymentRef[], ids: readonly string[]): Promise<PaymentRow[]> {
    return tx.select().from(payments).where(isOneOf(refs, ids)).orderBy(payments.id).for('update');
  }

  refundsOf(db: Queryable, paymentIds: readonly string[]): Promise<RefundRow[]> {
    return db.select().from(refunds).where(isAny(refunds.paymentId, paymentIds)).orderBy(refunds.id);
  }

  disputesOf(db: Queryable, paymentIds: readonly string[]): Promise<DisputeRow[]> {
    return db.select().from(disputes).where(isAny(disputes.paymentId, paymentIds)).orderBy(disputes.id);
  }

  /** What happened to them once, and what came in for those in review. */
  happenedTo(db: Queryable, paymentIds: readonly string[]) {
    const { paymentId, onceKey, detail, to } = paymentTransitions;
    const received = sql<string | null>`${detail} ->> 'received'`;
    return db
      .select({ paymentId, onceKey, received })
      .from(paymentTransitions)
      .where(and(isAny(paymentId, paymentIds), or(isNotNull(onceKey), eq(to, 'review'))));
  }

  /** The payments of these subscriptions that money came in for. */
  paidOf(db: Queryable, subscriptionIds: readonly string[]) {
    const { id, subscriptionId, status } = payments;
    const hasMoney = inArray(status, [...PAID_STATUSES, 'review']);
    return db
      .select({ id, subscriptionId })
      .from(payments)
      .where(and(isAny(subscriptionId, subscriptionIds), hasMoney));
  }

  async oursAmong(db: Queryable, installationIds: readonly string[]): Promise<string[]> {
    const found = await db.select().from(installations).where(isAny(installations.id, installationIds));
    return found.map(({ id }) => id);
  }

  /** @throws MovedMeanwhile when a row is not as it was loaded. */
  async save(tx: Tx, rows: PaymentRows): Promise<void> {
    const { made, changed } = rows.payments;
    must(await insertRows(tx, payments, made, { onConflict: 'skip' }), made);
    must(await updateRows(tx, payments, changed, ['id', 'revision']), changed);
    must(await updateRows(tx, orderSlots, rows.slots, ['orderId', 'revision']), rows.slots);
    must(await insertRows(tx, refunds, rows.refunds.made, { onConflict: 'skip' }), rows.refunds.made);
    must(await updateRows(tx, refunds, rows.refunds.changed, ['id']), rows.refunds.changed);
    must(await insertRows(tx, disputes, rows.disputes.made, { onConflict: 'skip' }), rows.disputes.made);
    must(await updateRows(tx, disputes, rows.disputes.changed, ['id']), rows.disputes.changed);
    must(
      await insertRows(tx, paymentTransitions, rows.transitions, { onConflict: 'skip' }),
      rows.transitions,
    );
  }
}

export function must(written: number, rows: readonly unknown[]): void {
  if (written !== rows.length) throw new MovedMeanwhile('a row was moved by another transaction');
}

/** By each kind of id alone: an `or` over several columns would not be looked up in their indexes for certain. */
function isOneOf(refs: readonly PaymentRef[], ids: readonly string[]): SQL {
  const named = refs.flatMap(({ paymentId }) =>
    paymentId !== undefined && isUuid(paymentId) ? [paymentId] : [],
  );
  const { id, provider } = payments;
  const providers = [...new Set(refs.map((ref) => ref.provider))];
  const theirs = PROVIDER_IDS.flatMap((key) => {
    const values = refs.flatMap((ref) => ref[key] ?? []);
    return values.length === 0
      ? []
      : [
          sql`union all select ${id} from ${payments} where ${isAny(provider, providers)} and ${isAny(payments[key], values)}`,
        ];
  });
  return sql`${id} in (select unnest(${sql.param([...ids, ...named])}::uuid[]) ${sql.join(theirs, sql` `)})`;
}
