import type { LoadedPayments } from '../../payments/facts/loaded.payments.js';
import type { Decision, DecisionRules } from '../../payments/facts/payment.state.js';
import type { PaymentRef } from '../../providers/facts.js';
import type { PlanRow } from '../plan/plan.tables.js';
import type { SubscriptionPeriodRow, SubscriptionRow } from '../subscription/subscription.tables.js';
import { decide } from './decide.js';
import type { Changes, KeptRows } from './subscription.facts.store.js';
import {
  ACTIVATED,
  type SubscriptionDecision,
  type SubscriptionState,
  type SubscriptionsView,
  type ToldReading,
} from './subscription.state.js';

/** What came of a reading, and of the payments that its bills are. */
export interface FullDecision extends SubscriptionDecision {
  payments: readonly Decision[];
}

/** The subscriptions of a batch as they were loaded, and as decisions leave them. */
export class LoadedSubscriptions implements SubscriptionsView {
  private readonly states = new Map<string, SubscriptionState>();
  private readonly theirs = new Map<string, string>();
  private readonly periods = new Map<string, SubscriptionPeriodRow>();
  private readonly plans: ReadonlyMap<string, PlanRow>;
  private readonly prices: ReadonlyMap<string, string>;
  private readonly cards: ReadonlyMap<string, string>;
  private readonly accounts: ReadonlyMap<string, KeptRows['accounts'][number]>;

  /** @param payments those of their bills; undefined while it is only to be known which those are. */
  constructor(
    private readonly loaded: KeptRows,
    private readonly rules: DecisionRules,
    private readonly payments?: LoadedPayments,
  ) {
    for (const row of loaded.subscriptions) this.put({ row, happened: new Set() });
    for (const { subscriptionId, onceKey, event } of loaded.happened) {
      const { row, happened } = this.states.get(subscriptionId) ?? {};
      const keys = [onceKey ?? [], event === 'subscription.activated' ? ACTIVATED : []].flat();
      if (row && happened) this.put({ row, happened: new Set([...happened, ...keys]) });
    }
    for (const row of loaded.periods) this.periods.set(keyOf(row.provider, row.periodId), row);
    this.plans = new Map(loaded.plans.map((plan) => [plan.uid, plan]));
    this.prices = new Map(loaded.prices.map((one) => [keyOf(one.provider, one.providerPlanId), one.planUid]));
    this.cards = new Map(loaded.cards.map((card) => [keyOf(card.provider, card.providerSourceId), card.id]));
    this.accounts = new Map(
      loaded.accounts.map((one) => [keyOf(one.provider, one.providerCustomerId ?? ''), one]),
    );
  }

  subscription(id: string): SubscriptionState | undefined {
    return this.states.get(id);
  }

  atProvider(provider: string, providerSubscriptionId: string): SubscriptionState | undefined {
    return this.states.get(this.theirs.get(keyOf(provider, providerSubscriptionId)) ?? '');
  }

  period(provider: string, periodId: string): SubscriptionPeriodRow | undefined {
    return this.periods.get(keyOf(provider, periodId));
  }

  periodsOf(subscriptionId: string): SubscriptionPeriodRow[] {
    return [...this.periods.values()].filter((row) => row.subscriptionId === subscriptionId);
  }

  paymentId(ref: PaymentRef): string | undefined {
    return this.payments?.find(ref)?.row.id;
  }

  customer(provider: string, providerCustomerId: string): string | undefined {
    return this.accounts.get(keyOf(provider, providerCustomerId))?.customerId;
  }

  isBeingCreated(provider: string, customerId: string): boolean {
    const ids = this.loaded.accounts.flatMap((account) =>
      account.provider === provider && account.customerId === customerId ? account.unmade : [],
    );
    // A reading of the same batch may have told which one it is.
    return ids.some((id) => (this.states.get(id)?.row.providerSubscriptionId ?? null) === null);
  }

  plan(uid: string): PlanRow | undefined {
    return this.plans.get(uid);
  }

  planAt(provider: string, providerPlanId: string): PlanRow | undefined {
    return this.plans.get(this.prices.get(keyOf(provider, providerPlanId)) ?? '');
  }

  card(provider: string, providerSourceId: string): string | undefined {
    return this.cards.get(keyOf(provider, providerSourceId));
  }

  decideAll(told: readonly ToldReading[]): FullDecision[] {
    return told.map((one) => {
      const decision = decide(this, one, this.loaded.now, this.rules);
      for (const state of decision.subscriptions) this.put(state);
      for (const row of decision.periods) this.periods.set(keyOf(row.provider, row.periodId), row);
      return { ...decision, payments: this.payments?.decideAll(decision.facts, this.rules) ?? [] };
    });
  }

  /** What is not as it was loaded. */
  changedRows(): { subscriptions: Changes<SubscriptionRow>; periods: Changes<SubscriptionPeriodRow> } {
    const rows = [...this.states.values()].map(({ row }) => row);
    return {
      subscriptions: changesOf(rows, this.loaded.subscriptions),
      periods: changesOf([...this.periods.values()], this.loaded.periods),
    };
  }

  private put(state: SubscriptionState): void {
    const { id, provider, providerSubscriptionId } = state.row;
    this.states.set(id, state);
    if (providerSubscriptionId !== null) this.theirs.set(keyOf(provider, providerSubscriptionId), id);
  }
}

function keyOf(provider: string, id: string): string {
  return `${provider} ${id}`;
}

function changesOf<T extends { id: string }>(now: readonly T[], loaded: readonly T[]): Changes<T> {
  const before = new Map(loaded.map((row) => [row.id, row]));
  const moved = now.filter((row) => before.get(row.id) !== row).sort((a, b) => (a.id < b.id ? -1 : 1));
  return {
    made: moved.filter(({ id }) => !before.has(id)),
    changed: moved.filter(({ id }) => before.has(id)),
  };
}
