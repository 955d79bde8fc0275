import { Injectable } from '@nestjs/common';
import type { Tx } from '../../database/database.js';
import type { Cause } from '../../kernel/applied.js';
import {
  type Answer,
  callOf,
  type OperationHandler,
  OperationHandlers,
} from '../../operations/operation.handler.js';
import type { Operation } from '../../operations/operation.store.js';
import type { CommandResult, PlanCommand } from '../../providers/billing.ports.js';
import { andThen, known, type Outcome } from '../../providers/provider.calls.js';
import { ProviderError } from '../../providers/provider.errors.js';
import { ProviderRegistry } from '../../providers/provider.registry.js';
import { PlanApplier } from './plan.applier.js';
import { PlanStore } from './plan.store.js';

type PlanOperation = Operation & { kind: PlanCommand['kind'] };

@Injectable()
export class PlanOperations implements OperationHandler<PlanCommand['kind']> {
  constructor(
    handlers: OperationHandlers,
    private readonly providers: ProviderRegistry,
    private readonly plans: PlanStore,
    private readonly applier: PlanApplier,
  ) {
    handlers.register(['create_plan', 'update_plan', 'delete_plan'], this);
  }

  lock(tx: Tx, { subjectId }: Operation): Promise<unknown> {
    return this.plans.lock(tx, subjectId);
  }

  call(operation: PlanOperation, cause: Cause): Promise<Answer> {
    return andThen(this.run(operation), (result) => known((tx) => this.write(tx, operation, result, cause)));
  }

  /** What was never made is forgotten: its id is free again. */
  async refused(tx: Tx, operation: Operation): Promise<void> {
    if (operation.kind === 'create_plan') await this.plans.remove(tx, operation.subjectId);
  }

  private async run(operation: PlanOperation): Promise<Outcome<CommandResult>> {
    const { plans } = this.providers.with(operation.provider, 'plans');
    try {
      return await plans.run(operation.kind, callOf(operation));
    } catch (error) {
      const gone = error instanceof ProviderError && error.kind === 'not_found';
      if (operation.kind === 'delete_plan' && gone) return known({ facts: [] });
      throw error;
    }
  }

  /** The newest word: meanwhile readings of the plan were parked, see PlanApplier. */
  private async write(tx: Tx, operation: Operation, { facts }: CommandResult, cause: Cause): Promise<void> {
    const plan = await this.plans.byUid(tx, operation.subjectId);
    if (plan === undefined) throw new Error(`there is no plan for operation ${operation.id}`);
    if (operation.kind === 'delete_plan') return this.applier.end(tx, plan, cause);
    const fact = facts.find((one) => one.kind === 'plan');
    if (fact === undefined) throw new Error(`operation ${operation.id} ended without its plan`);
    const { provider, uid: planUid } = plan;
    await this.plans.addPrice(tx, { provider, providerPlanId: fact.providerPlanId, planUid });
    await this.applier.write(tx, plan, fact, cause);
  }
}
