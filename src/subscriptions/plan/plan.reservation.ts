import { Injectable } from '@nestjs/common';
import type { Tx } from '../../database/database.js';
import type { Caller } from '../../http/access/caller.js';
import { ServiceError } from '../../kernel/errors.js';
import { Ids } from '../../kernel/ids.js';
import { type Operation, OperationStore } from '../../operations/operation.store.js';
import type { PlanTerms } from '../../providers/billing.facts.js';
import { assertVisible, maySee } from './plan.access.js';
import { columnsOf, differencesFrom } from './plan.js';
import { PlanPlanner } from './plan.planner.js';
import type { PlanRequest } from './plan.requests.js';
import { PlanStore } from './plan.store.js';
import type { PlanRow } from './plan.tables.js';

/** What is to be done for a request, decided under the plan's lock and without calling anybody. */
export type PlanDecision =
  /** The plan is as it was asked for. */
  | { kind: 'settled'; plan: PlanRow }
  /** The recorded call does what was asked for; it is ours to make. */
  | { kind: 'call'; plan: PlanRow; operation: Operation }
  /** An earlier call that nobody is making has to end first; it is ours to make. */
  | { kind: 'finish'; plan: PlanRow; operation: Operation }
  /** Somebody is making a call for this plan right now. */
  | { kind: 'busy'; plan: PlanRow };

@Injectable()
export class PlanReservation {
  constructor(
    private readonly plans: PlanStore,
    private readonly operations: OperationStore,
    private readonly planner: PlanPlanner,
    private readonly ids: Ids,
  ) {}

  /** @throws ServiceError plan_exists for other terms; what no provider can do by name. */
  async create(tx: Tx, request: PlanRequest, caller: Caller): Promise<PlanDecision> {
    const present = await this.plans.lockById(tx, request.planId);
    if (present !== undefined) return this.repeated(tx, present, request, caller);
    const { provider, request: call } = this.planner.create(request);
    const plan = await this.plans.insert(tx, {
      uid: this.ids.next(),
      id: request.planId,
      provider: provider.name,
      livemode: provider.livemode,
      ...columnsOf(request.terms),
      caller: caller.group,
    });
    // Somebody else's was inserted meanwhile: now it can be seen.
    if (plan === undefined) return this.create(tx, request, caller);
    return { kind: 'call', plan, operation: await this.record(tx, plan, 'create_plan', call) };
  }

  /** @throws ServiceError not_found; naming what the provider cannot change. */
  async update(
    tx: Tx,
    planId: string,
    revise: (present: PlanRow) => PlanTerms,
    caller: Caller,
  ): Promise<PlanDecision> {
    const plan = assertVisible(await this.plans.lockById(tx, planId), caller);
    const unsettled = await this.unsettled(tx, plan);
    if (unsettled !== undefined) return unsettled;
    const call = this.planner.update(plan, revise(plan));
    if (call === undefined) return { kind: 'settled', plan };
    return { kind: 'call', plan, operation: await this.record(tx, plan, 'update_plan', call) };
  }

  /** One that was deleted before is settled. @throws ServiceError not_found. */
  async delete(tx: Tx, planId: string, caller: Caller): Promise<PlanDecision> {
    const found = (await this.plans.lockById(tx, planId)) ?? (await this.plans.latestById(tx, planId));
    const plan = assertVisible(found, caller);
    if (plan.deletedAt !== null) return { kind: 'settled', plan };
    const unsettled = await this.unsettled(tx, plan);
    if (unsettled !== undefined) return unsettled;
    const call = this.planner.delete(plan);
    return { kind: 'call', plan, operation: await this.record(tx, plan, 'delete_plan', call) };
  }

  private async repeated(tx: Tx, plan: PlanRow, request: PlanRequest, caller: Caller): Promise<PlanDecision> {
    const { planId, terms, provider } = request;
    if (!maySee(caller, plan)) throw planExists(planId, []);
    const elsewhere = provider !== undefined && provider !== plan.provider;
    const differences = [...(elsewhere ? ['provider'] : []), ...differencesFrom(plan, terms)];
    if (differences.length > 0) throw planExists(planId, differences);
    const unsettled = await this.unsettled(tx, plan);
    if (unsettled?.kind !== 'finish') return unsettled ?? { kind: 'settled', plan };
    return unsettled.operation.kind === 'create_plan' ? { ...unsettled, kind: 'call' } : unsettled;
  }

  private async unsettled(tx: Tx, plan: PlanRow): Promise<PlanDecision | undefined> {
    const found = await this.operations.unsettledOf(tx, plan.uid);
    if (found === undefined) return undefined;
    const operation = await this.operations.takeOver(tx, found.id);
    return operation === undefined ? { kind: 'busy', plan } : { kind: 'finish', plan, operation };
  }

  private record(
    tx: Tx,
    plan: PlanRow,
    kind: 'create_plan' | 'update_plan' | 'delete_plan',
    request: Operation['request'],
  ): Promise<Operation> {
    return this.operations.prepare(tx, {
      id: this.ids.next(),
      subjectId: plan.uid,
      provider: plan.provider,
      kind,
      ...(plan.providerPlanId !== null && { target: plan.providerPlanId }),
      request: { ...request },
    });
  }
}

function planExists(planId: string, differences: readonly string[]): ServiceError {
  const what = differences.length === 0 ? '' : `: ${differences.join(', ')} would be another`;
  return new ServiceError('plan_exists', `there is a plan ${planId} already${what}`, { planId, differences });
}
