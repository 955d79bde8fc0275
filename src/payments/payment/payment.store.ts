import { Injectable } from '@nestjs/common';
import {
  and,
  desc,
  eq,
  getTableColumns,
  gt,
  gte,
  inArray,
  isNotNull,
  lte,
  notInArray,
  or,
  type SQL,
  sql,
} from 'drizzle-orm';
import { databaseNow, databaseNowPlus, type Queryable, type Tx } from '../../database/database.js';
import { isAny } from '../../database/rows.store.js';
import type { PageBounds, PageDto } from '../../http/validation/page.dto.js';
import { isUuid } from '../../kernel/ids.js';
import type { Money } from '../../kernel/money.js';
import { isOpen, PAYMENT_STATUSES } from './payment.js';
import {
  type OrderSlot,
  orderSlots,
  type PaymentRow,
  payments,
  paymentTransitions,
} from './payment.tables.js';
import type { ListPaymentsDto } from './payments.dto.js';

interface PaymentFilter extends PageBounds, Omit<ListPaymentsDto, keyof PageDto | 'from' | 'to'> {
  from?: Date | undefined;
  to?: Date | undefined;
  /** Only payments of these groups, and adopted ones: nobody's. */
  callers?: readonly string[] | undefined;
}

const SLOT_NOW = {
  ...getTableColumns(orderSlots),
  now: sql<Date>`payments_now()`.mapWith(payments.createdAt),
};

@Injectable()
export class PaymentStore {
  async findById(db: Queryable, id: string): Promise<PaymentRow | undefined> {
    if (!isUuid(id)) return undefined;
    const [row] = await db.select().from(payments).where(eq(payments.id, id));
    return row;
  }

  async findBySession(db: Queryable, provider: string, sessionId: string): Promise<PaymentRow | undefined> {
    const isIt = and(eq(payments.provider, provider), eq(payments.sessionId, sessionId));
    const [row] = await db.select().from(payments).where(isIt);
    return row;
  }

  /** Always before the lock on any of its payments. @param key see slotOf. */
  async lockSlot(tx: Tx, key: string): Promise<OrderSlot> {
    const { slots } = await this.lockSlots(tx, { known: [], perhapsNew: [key] });
    const [slot] = slots;
    if (slot === undefined) throw new Error('the order was not locked');
    return slot;
  }

  /**
   * In one order for everybody, so that no two transactions wait for each other: what is not there is made first.
   * @param keys `known`: a payment has it, so it is there.
   * @returns with the database's time.
   */
  async lockSlots(
    tx: Tx,
    keys: { known: readonly string[]; perhapsNew: readonly string[] },
  ): Promise<{ slots: OrderSlot[]; now: Date }> {
    const slots: (OrderSlot & { now: Date })[] = [];
    const missing = (among: Iterable<string>): string[] => {
      const locked = new Set(slots.map(({ orderId }) => orderId));
      return [...new Set(among)].filter((key) => !locked.has(key)).sort();
    };
    const all = [...keys.known, ...keys.perhapsNew];
    slots.push(...(await this.makeSlots(tx, missing(keys.perhapsNew))));
    slots.push(...(await this.lockMade(tx, missing(all))));
    // A cycle's payment of an earlier version may have none yet.
    slots.push(...(await this.makeSlots(tx, missing(all))));
    slots.push(...(await this.lockMade(tx, missing(all))));
    const [first] = slots;
    if (first === undefined) throw new Error('no order was locked');
    return { slots: slots.map(({ now: _now, ...slot }) => slot), now: first.now };
  }

  private async makeSlots(tx: Tx, keys: readonly string[]) {
    if (keys.length === 0) return [];
    const rows = keys.map((orderId) => ({ orderId }));
    return tx.insert(orderSlots).values(rows).onConflictDoNothing().returning(SLOT_NOW);
  }

  private async lockMade(tx: Tx, keys: readonly string[]) {
    if (keys.length === 0) return [];
    const { orderId } = orderSlots;
    const inOrder = sql`${orderId} collate "C"`;
    return tx.select(SLOT_NOW).from(orderSlots).where(isAny(orderId, keys)).orderBy(inOrder).for('update');
  }

  /** Unlocked; of an order that has no row yet what it would be. */
  async slots(db: Queryable, keys: readonly string[]): Promise<OrderSlot[]> {
    const found = await db.select().from(orderSlots).where(isAny(orderSlots.orderId, keys));
    const known = new Map(found.map((slot) => [slot.orderId, slot]));
    return [...new Set(keys)].map(
      (orderId) => known.get(orderId) ?? { orderId, openPaymentId: null, paidPaymentId: null, revision: 0n },
    );
  }

  async lock(tx: Tx, id: string): Promise<PaymentRow | undefined> {
    const [row] = await tx.select().from(payments).where(eq(payments.id, id)).for('update');
    return row;
  }

  /** As long as it is as it was read. */
  async update(tx: Tx, { id, revision }: PaymentRow, patch: Partial<PaymentRow>): Promise<void> {
    const isSame = and(eq(payments.id, id), eq(payments.revision, revision));
    const updated = await tx
      .update(payments)
      .set({ ...patch, updatedAt: databaseNow })
      .where(isSame)
      .returning({ id: payments.id });
    if (updated.length === 0) throw new Error(`payment ${id} changed under its lock`);
  }

  /** The money that put it before a person, where the provider said how much: the review noted `1999 MXN`. */
  async received(db: Queryable, paymentId: string): Promise<Money | undefined> {
    const { paymentId: ofPayment, to, detail } = paymentTransitions;
    const note = sql<string | null>`${detail} ->> 'received'`;
    const [row] = await db
      .select({ note })
      .from(paymentTransitions)
      .where(and(eq(ofPayment, paymentId), eq(to, 'review'), isNotNull(note)))
      .limit(1);
    const [amount, currency] = row?.note?.split(' ') ?? [];
    return amount === undefined || currency === undefined ? undefined : { amount: BigInt(amount), currency };
  }

  /** The cycles of subscriptions that are collected for this order, and those whose money is being reviewed. */
  cyclesOfOrder(tx: Tx, orderId: string): Promise<PaymentRow[]> {
    const claims = PAYMENT_STATUSES.filter((status) => isOpen(status) || status === 'review');
    const isCycle = and(eq(payments.orderId, orderId), isNotNull(payments.subscriptionId));
    const isClaiming = and(isCycle, inArray(payments.status, claims));
    return tx.select().from(payments).where(isClaiming);
  }

  /** Newest first. */
  list(db: Queryable, filter: PaymentFilter): Promise<PaymentRow[]> {
    const { callers, from, to, before, limit } = filter;
    const { createdAt, id } = payments;
    const fields = ['orderId', 'subscriptionId', 'customerId', 'status', 'provider'] as const;
    const conditions: (SQL | undefined)[] = [
      ...fields.map((field) =>
        filter[field] === undefined ? undefined : eq(payments[field], filter[field]),
      ),
      callers && or(inArray(payments.caller, [...callers]), eq(payments.adopted, true)),
      from && gte(createdAt, from),
      to && lte(createdAt, to),
      // An id need not grow with time: that of a cycle's or adopted payment is derived.
      before === undefined
        ? undefined
        : sql`(${createdAt}, ${id}) < (select created_at, id from payments where id = ${before})`,
    ];
    return db
      .select()
      .from(payments)
      .where(and(...conditions))
      .orderBy(desc(createdAt), desc(id))
      .limit(limit);
  }

  /** An ended payment is not looked at again, unless somebody has made it due meanwhile. */
  endChecks(db: Queryable, id: string): Promise<void> {
    const hasEnded = notInArray(payments.status, PAYMENT_STATUSES.filter(isOpen));
    return this.setNextCheck(db, id, null, and(gt(payments.nextCheckAt, databaseNow), hasEnded));
  }

  /** Whether there is real money of the provider's. */
  async hasLive(db: Queryable, provider: string): Promise<boolean> {
    const isLive = and(eq(payments.provider, provider), eq(payments.livemode, true));
    const [found] = await db.select({ id: payments.id }).from(payments).where(isLive).limit(1);
    return found !== undefined;
  }

  /** Takes payments that are to be looked at, for so long. */
  claimDueForCheck(db: Queryable, provider: string, limit: number, claimMs: number): Promise<PaymentRow[]> {
    // A CTE is run once; a subquery with a limit could be run again for each row.
    const due = db.$with('due').as(
      db
        .select({ id: payments.id })
        .from(payments)
        .where(and(eq(payments.provider, provider), lte(payments.nextCheckAt, databaseNow)))
        .orderBy(payments.nextCheckAt)
        .limit(limit)
        .for('update', { skipLocked: true }),
    );
    return db
      .with(due)
      .update(payments)
      .set({ nextCheckAt: databaseNowPlus(claimMs) })
      .from(due)
      .where(eq(payments.id, due.id))
      .returning(getTableColumns(payments));
  }

  /** After a look, puts the next one off by its age (10 minutes to 6 hours); unless another date was set meanwhile. */
  async putNextCheck(db: Queryable, claimed: Pick<PaymentRow, 'id' | 'nextCheckAt'>): Promise<void> {
    const { id, nextCheckAt } = claimed;
    if (nextCheckAt === null) return;
    const age = sql`payments_now() - ${payments.createdAt}`;
    const next = sql<Date>`payments_now() + least(greatest(${age}, interval '10 minutes'), interval '6 hours')`;
    await this.setNextCheck(db, id, next, eq(payments.nextCheckAt, nextCheckAt));
  }

  private async setNextCheck(db: Queryable, id: string, at: SQL<Date> | null, where?: SQL): Promise<void> {
    await db
      .update(payments)
      .set({ nextCheckAt: at })
      .where(and(eq(payments.id, id), where));
  }
}
