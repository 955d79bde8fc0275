import { Injectable } from '@nestjs/common';
import type { Queryable, Tx } from '../../database/database.js';
import type { Applied } from '../../kernel/applied.js';
import { OutboxStore } from '../../outbox/outbox.store.js';
import { LoadedPayments } from '../../payments/facts/loaded.payments.js';
import { PaymentFacts } from '../../payments/facts/payment.facts.js';
import type { DecisionRules } from '../../payments/facts/payment.state.js';
import { LoadedSubscriptions } from './loaded.subscriptions.js';
import { SubscriptionFactsStore } from './subscription.facts.store.js';
import type { SubscriptionDecision, ToldReading } from './subscription.state.js';

/**
 * Loads what readings of subscriptions name, decides them in their order together with the payments of their bills, and
 * saves what they change: all of it at once. Locks subscriptions first, then slots, then payments.
 */
@Injectable()
export class SubscriptionFacts {
  constructor(
    private readonly store: SubscriptionFactsStore,
    private readonly payments: PaymentFacts,
    private readonly outbox: OutboxStore,
  ) {}

  /** @returns what came of each, in their order. @throws MovedMeanwhile, after which the transaction is tried again. */
  async applyAll(tx: Tx, told: readonly ToldReading[]): Promise<Applied[]> {
    if (told.length === 0) return [];
    const { loaded, payments, decisions } = await this.decide(tx, told, true, (facts, rules) =>
      this.payments.load(tx, facts, rules),
    );
    const transitions = decisions.flatMap((decision) => decision.transitions);
    await this.store.save(tx, { ...loaded.changedRows(), transitions });
    await this.payments.save(
      tx,
      payments,
      decisions.flatMap((decision) => decision.payments),
    );
    await this.outbox.append(
      tx,
      decisions.flatMap(({ messages }) => messages),
    );
    return decisions.map(({ applied }) => applied);
  }

  async apply(tx: Tx, told: ToldReading): Promise<Applied> {
    const [applied] = await this.applyAll(tx, [told]);
    if (applied === undefined) throw new Error('a reading was not decided');
    return applied;
  }

  /** What the readings would change, of all that is kept as it is now. Locks and saves nothing. */
  async preview(db: Queryable, told: readonly ToldReading[]) {
    const { loaded, decisions } = await this.decide(db, told, false, (facts, rules) =>
      this.payments.look(db, facts, rules),
    );
    return { decisions, ...loaded.changedRows() };
  }

  private async decide(
    db: Queryable,
    told: readonly ToldReading[],
    lock: boolean,
    load: (facts: SubscriptionDecision['facts'], rules: DecisionRules) => Promise<LoadedPayments>,
  ) {
    const rows = await this.store.load(db, told, { lock });
    const bills = told.flatMap(({ reading: { fact } }) => fact.periods.flatMap(({ payment }) => payment));
    const rules = await this.payments.rulesFor(
      db,
      bills.map((fact) => ({ fact, cause: '' })),
    );
    // Which payments are touched only the decisions say: they are made once without them, and then for good.
    const facts = new LoadedSubscriptions(rows, rules).decideAll(told).flatMap((one) => one.facts);
    const payments = facts.length > 0 ? await load(facts, rules) : new LoadedPayments(rows.now, [], []);
    const loaded = new LoadedSubscriptions(rows, rules, payments);
    return { payments, loaded, decisions: loaded.decideAll(told) };
  }
}
