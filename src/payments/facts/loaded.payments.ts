import type { PaymentRef } from '../../providers/facts.js';
import { isPaid, PROVIDER_IDS } from '../payment/payment.js';
import type { DisputeRow, OrderSlot, PaymentRow, RefundRow } from '../payment/payment.tables.js';
import { decide } from './decide.js';
import type { PaymentRows } from './payment.facts.store.js';
import {
  type Decision,
  type DecisionRules,
  type PaymentState,
  type PaymentsView,
  stateOf,
  type ToldFact,
} from './payment.state.js';

/** The payments of a batch as they were loaded, and as decisions leave them. */
export class LoadedPayments implements PaymentsView {
  private readonly states = new Map<string, PaymentState>();
  /** By the provider's ids, see keyOf. */
  private readonly byTheirs = new Map<string, string>();
  private readonly slots = new Map<string, OrderSlot>();
  private readonly paid = new Map<string, Set<string>>();
  private readonly before: { states: Map<string, PaymentState>; slots: Map<string, OrderSlot> };

  constructor(
    readonly now: Date,
    slots: readonly OrderSlot[],
    payments: readonly PaymentRow[],
  ) {
    for (const slot of slots) this.slots.set(slot.orderId, slot);
    for (const row of payments) this.put(stateOf(row));
    this.before = { states: new Map(this.states), slots: new Map(this.slots) };
  }

  find(ref: PaymentRef): PaymentState | undefined {
    const own = ref.paymentId === undefined ? undefined : this.states.get(ref.paymentId);
    if (own !== undefined) return own;
    for (const key of PROVIDER_IDS) {
      const value = ref[key];
      const id = value === undefined ? undefined : this.byTheirs.get(keyOf(ref.provider, key, value));
      if (id !== undefined) return this.states.get(id);
    }
    return undefined;
  }

  payment(id: string): PaymentState | undefined {
    return this.states.get(id);
  }

  slot(key: string): OrderSlot {
    const slot = this.slots.get(key);
    if (slot === undefined) throw new Error(`${key} is not locked`);
    return slot;
  }

  /** @param key undefined: nothing has to be. */
  holdsSlot(key: string | undefined): boolean {
    return key === undefined || this.slots.has(key);
  }

  hasOtherMoney(subscriptionId: string, paymentId: string): boolean {
    const paid = this.paid.get(subscriptionId);
    return [...(paid ?? [])].some((id) => id !== paymentId);
  }

  /** Those whose payments, old or new here, pay for an order. */
  subscriptionIds(told: readonly Pick<ToldFact, 'fact'>[]): string[] {
    const billed = told.flatMap(({ fact }) =>
      fact.kind === 'own' && fact.name === 'billed' ? [fact.payment] : [],
    );
    const rows = [...billed, ...[...this.states.values()].map(({ row }) => row)];
    const ids = rows.flatMap(({ orderId, subscriptionId }) =>
      orderId === null ? [] : (subscriptionId ?? []),
    );
    return [...new Set(ids)];
  }

  addRefunds(rows: readonly RefundRow[]): void {
    for (const row of rows) this.extend(row.paymentId, ({ refunds }) => ({ refunds: [...refunds, row] }));
  }

  addDisputes(rows: readonly DisputeRow[]): void {
    for (const row of rows) this.extend(row.paymentId, ({ disputes }) => ({ disputes: [...disputes, row] }));
  }

  addHappened(told: readonly { paymentId: string; onceKey: string | null; received: string | null }[]): void {
    for (const { paymentId, onceKey, received } of told) {
      const [amount, currency] = received?.split(' ') ?? [];
      this.extend(paymentId, ({ happened }) => ({
        ...(onceKey !== null && { happened: new Set([...happened, onceKey]) }),
        ...(amount !== undefined &&
          currency !== undefined && { received: { amount: BigInt(amount), currency } }),
      }));
    }
  }

  addPaid(rows: readonly Pick<PaymentRow, 'id' | 'subscriptionId'>[]): void {
    for (const { id, subscriptionId } of rows) this.notePaid(subscriptionId, id);
  }

  decideAll(told: readonly Omit<ToldFact, 'now'>[], rules: DecisionRules): Decision[] {
    return told.map((one) => {
      const decision = decide(this, { ...one, now: this.now }, rules);
      this.take(decision);
      return decision;
    });
  }

  take({ payments, slots }: Decision): void {
    for (const state of payments) {
      this.put(state);
      const { id, status, subscriptionId } = state.row;
      if (isPaid(status) || status === 'review') this.notePaid(subscriptionId, id);
    }
    for (const slot of slots) this.slots.set(slot.orderId, slot);
  }

  changes(): { before: PaymentRow | undefined; after: PaymentRow }[] {
    return [...this.states.values()].flatMap(({ row: after }) => {
      const before = this.before.states.get(after.id)?.row;
      return before === after ? [] : [{ before, after }];
    });
  }

  /** What is not as it was loaded. */
  changedRows(): Omit<PaymentRows, 'transitions'> {
    const states = [...this.states.values()].map((now) => ({ now, was: this.before.states.get(now.row.id) }));
    const changes = this.changes();
    return {
      payments: {
        made: changes.flatMap(({ before, after }) => (before === undefined ? [after] : [])),
        changed: changes.flatMap(({ before, after }) =>
          before === undefined ? [] : [{ ...after, updatedAt: this.now }],
        ),
      },
      slots: [...this.slots.values()].filter((slot) => this.before.slots.get(slot.orderId) !== slot),
      refunds: changesOf(states.map(({ now, was }) => [now.refunds, was?.refunds ?? []])),
      disputes: changesOf(states.map(({ now, was }) => [now.disputes, was?.disputes ?? []])),
    };
  }

  private extend(id: string, more: (state: PaymentState) => Partial<PaymentState>): void {
    const state = this.states.get(id);
    if (state === undefined) return;
    const extended = { ...state, ...more(state) };
    this.states.set(id, extended);
    this.before.states.set(id, extended);
  }

  private put(state: PaymentState): void {
    const { row } = state;
    this.states.set(row.id, state);
    for (const key of PROVIDER_IDS) {
      const value = row[key];
      if (value !== null) this.byTheirs.set(keyOf(row.provider, key, value), row.id);
    }
  }

  private notePaid(subscriptionId: string | null, id: string): void {
    if (subscriptionId === null) return;
    const ids = this.paid.get(subscriptionId) ?? new Set();
    this.paid.set(subscriptionId, ids.add(id));
  }
}

function keyOf(provider: string, key: (typeof PROVIDER_IDS)[number], value: string): string {
  return `${provider} ${key} ${value}`;
}

function changesOf<T extends { id: string }>(
  pairs: readonly (readonly [now: readonly T[], before: readonly T[]])[],
): { made: T[]; changed: T[] } {
  const made: T[] = [];
  const changed: T[] = [];
  for (const [now, before] of pairs)
    for (const row of now) {
      if (before.includes(row)) continue;
      (before.some(({ id }) => id === row.id) ? changed : made).push(row);
    }
  return { made, changed };
}
