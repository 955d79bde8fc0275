import { Injectable } from '@nestjs/common';
import { Database, type Tx } from '../../database/database.js';
import { ServiceError } from '../../kernel/errors.js';
import { Ids } from '../../kernel/ids.js';
import { type Operation, OperationStore } from '../../operations/operation.store.js';
import type { PlanTerms, SubscriptionStatus } from '../../providers/billing.facts.js';
import type { SubscriptionTarget } from '../../providers/billing.ports.js';
import { termsOf } from '../plan/plan.js';
import { PeriodStore } from '../cycle/period.store.js';
import { PlanStore } from '../plan/plan.store.js';
import { assertAllowed } from './subscription.commands.js';
import { SubscriptionProviders } from './subscription.port.js';
import { SubscriptionReads } from '../subscription/subscription.reads.store.js';
import { SubscriptionStore } from '../subscription/subscription.store.js';
import type { SubscriptionRow } from '../subscription/subscription.tables.js';
import { assertPossible, commandOf, isFulfilled, type SubscriptionWish } from './subscription.wish.js';

/** What is to be done for a wish, decided under the subscription's lock. */
export type Reserved =
  /** It is so already. */
  | { kind: 'fulfilled' }
  /** The recorded call is ours to make. */
  | { kind: 'ours'; operation: Operation; from: SubscriptionStatus }
  /** An earlier call that somebody left behind comes first. */
  | { kind: 'earlier'; operation: Operation };

/** What a reservation reads. */
@Injectable()
export class SubscriptionTargets {
  constructor(
    private readonly subscriptions: SubscriptionStore,
    private readonly reads: SubscriptionReads,
    private readonly plans: PlanStore,
    private readonly periods: PeriodStore,
  ) {}

  async locked(tx: Tx, id: string): Promise<SubscriptionRow> {
    const row = await this.subscriptions.lock(tx, id);
    if (row === undefined) throw new Error(`subscription ${id} is gone`);
    return row;
  }

  /** @throws ServiceError operation_in_doubt while the provider has not made it. */
  async of(tx: Tx, { id, providerSubscriptionId }: SubscriptionRow): Promise<SubscriptionTarget> {
    const [found] = await this.reads.find(tx, { id, limit: 1 });
    const providerCustomerId = found?.names.providerCustomerId ?? null;
    if (providerSubscriptionId === null || providerCustomerId === null) throw inDoubt(id);
    return { providerSubscriptionId, providerCustomerId };
  }

  noteComment(tx: Tx, id: string, comment: string): Promise<void> {
    return this.subscriptions.noteComment(tx, id, comment);
  }

  /** An active one may owe an older cycle: the latest alone decides over its status. */
  async owesOlderCycle(tx: Tx, { id, status }: SubscriptionRow): Promise<boolean> {
    return status === 'active' && (await this.periods.isAnyOwed(tx, id));
  }

  /** What the provider has for it now, and every id that it, or the plan that still runs, ever had there. */
  async present(
    tx: Tx,
    { planUid, nextPlanUid }: SubscriptionRow,
  ): Promise<[terms: PlanTerms, providerPlanIds: string[]]> {
    const plan = await this.plans.byUid(tx, nextPlanUid ?? planUid);
    if (plan === undefined) throw new Error(`plan ${planUid} is gone`);
    return [termsOf(plan), await this.plans.providerPlanIds(tx, [planUid, nextPlanUid ?? planUid])];
  }
}

/** Records the call that a wish needs, if it is allowed: one at a time for each subscription. */
@Injectable()
export class SubscriptionReservation {
  constructor(
    private readonly database: Database,
    private readonly targets: SubscriptionTargets,
    private readonly operations: OperationStore,
    private readonly providers: SubscriptionProviders,
    private readonly ids: Ids,
  ) {}

  /**
   * @throws ServiceError transition_refused, operation_in_doubt, and what the provider cannot do, by name. Then nothing
   * is recorded.
   */
  reserve(id: string, wish: SubscriptionWish): Promise<Reserved> {
    return this.database.transaction(async (tx) => {
      const row = await this.targets.locked(tx, id);
      const unsettled = await this.operations.unsettledOf(tx, id);
      if (unsettled !== undefined) return this.takeOver(tx, unsettled);
      await this.assertAcceptable(tx, row, wish);
      return isFulfilled(wish, row)
        ? { kind: 'fulfilled' }
        : { kind: 'ours', operation: await this.prepare(tx, row, wish), from: row.status };
    });
  }

  /** An operation that a repeated request finds; undefined when none is left. @throws ServiceError operation_in_doubt */
  async leftBehind(id: string): Promise<Operation | undefined> {
    return this.database.transaction(async (tx) => {
      await this.targets.locked(tx, id);
      const unsettled = await this.operations.unsettledOf(tx, id);
      return unsettled && (await this.takeOver(tx, unsettled)).operation;
    });
  }

  /** @throws ServiceError transition_refused, and what the provider cannot do, by name. */
  assertAllAcceptable(id: string, wishes: readonly SubscriptionWish[]): Promise<void> {
    return this.database.transaction(async (tx) => {
      const row = await this.targets.locked(tx, id);
      for (const wish of wishes) await this.assertAcceptable(tx, row, wish);
    });
  }

  private async assertAcceptable(tx: Tx, row: SubscriptionRow, wish: SubscriptionWish): Promise<void> {
    const isOwed = wish.name === 'retry' && (await this.targets.owesOlderCycle(tx, row));
    if (!isOwed) assertAllowed(wish.name, row.status);
    assertPossible(wish, this.providers.get(row.provider));
  }

  private async takeOver(tx: Tx, unsettled: Operation): Promise<{ kind: 'earlier'; operation: Operation }> {
    const operation = await this.operations.takeOver(tx, unsettled.id);
    if (operation === undefined) throw inDoubt(unsettled.subjectId);
    return { kind: 'earlier', operation };
  }

  private async prepare(tx: Tx, row: SubscriptionRow, wish: SubscriptionWish): Promise<Operation> {
    const { subscriptions } = this.providers.get(row.provider);
    const target = await this.targets.of(tx, row);
    // The event of the end may come before the answer, and tells why.
    if (wish.name === 'cancel' && wish.comment !== undefined)
      await this.targets.noteComment(tx, row.id, wish.comment);
    const command = commandOf(wish, target, ...(await this.targets.present(tx, row)));
    // What takes effect at once is told by the answer alone: see SubscriptionAnswers.
    const switchesTo =
      wish.name === 'change_plan' && wish.timing === 'immediately' ? wish.plan.uid : undefined;
    return this.operations.prepare(tx, {
      id: this.ids.next(),
      subjectId: row.id,
      provider: row.provider,
      kind: command.kind,
      ...(command.kind !== 'change_plan' && { target: target.providerSubscriptionId }),
      ...(switchesTo !== undefined && { target: switchesTo }),
      request: { ...subscriptions.plan(command) },
    });
  }
}

function inDoubt(subscriptionId: string): ServiceError {
  return new ServiceError('operation_in_doubt', 'another request for this subscription has not ended yet', {
    subscriptionId,
  });
}
