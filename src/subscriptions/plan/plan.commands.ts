import { Injectable } from '@nestjs/common';
import { Database, type Tx } from '../../database/database.js';
import type { Caller } from '../../http/access/caller.js';
import { Clock } from '../../kernel/clock.js';
import { ServiceError } from '../../kernel/errors.js';
import { assertDone, OperationExecutor } from '../../operations/operation.executor.js';
import { termsOf } from './plan.js';
import { type PlanRequest, revisedTerms } from './plan.requests.js';
import { type PlanDecision, PlanReservation } from './plan.reservation.js';
import { PlanStore } from './plan.store.js';
import type { PlanRow } from './plan.tables.js';
import type { UpdatePlanDto } from './update-plan.dto.js';

const BUSY_PAUSE_MS = 150;
const PATIENCE_MS = 20_000;

/**
 * Makes, changes and deletes plans, at their provider and here.
 * @throws ServiceError unknown_outcome (with `details.planId`), operation_in_doubt, provider_rejected,
 * provider_unavailable, and what the provider cannot do by name.
 */
@Injectable()
export class PlanCommands {
  constructor(
    private readonly database: Database,
    private readonly plans: PlanStore,
    private readonly reservation: PlanReservation,
    private readonly executor: OperationExecutor,
    private readonly clock: Clock,
  ) {}

  /** @throws ServiceError also plan_exists: the id has other terms. */
  async create(request: PlanRequest, caller: Caller): Promise<{ plan: PlanRow; created: boolean }> {
    const decide = (tx: Tx) => this.reservation.create(tx, request, caller);
    return this.carryOut(decide, request.planId, caller).then(({ plan, called }) => ({
      plan,
      created: called,
    }));
  }

  /** @throws ServiceError also not_found. */
  async update(planId: string, dto: UpdatePlanDto, caller: Caller): Promise<PlanRow> {
    const revise = (present: PlanRow) => revisedTerms(dto, termsOf(present));
    const decide = (tx: Tx) => this.reservation.update(tx, planId, revise, caller);
    return (await this.carryOut(decide, planId, caller)).plan;
  }

  /** Nobody can subscribe to it any more; who has, stays. @throws ServiceError also not_found. */
  async delete(planId: string, caller: Caller): Promise<PlanRow> {
    const decide = (tx: Tx) => this.reservation.delete(tx, planId, caller);
    return (await this.carryOut(decide, planId, caller)).plan;
  }

  private async carryOut(
    decide: (tx: Tx) => Promise<PlanDecision>,
    planId: string,
    caller: Caller,
  ): Promise<{ plan: PlanRow; called: boolean }> {
    const giveUpAt = this.clock.now().getTime() + PATIENCE_MS;
    for (;;) {
      const next = await this.database.transaction(decide);
      if (next.kind === 'settled') return { plan: next.plan, called: false };
      if (next.kind === 'busy') {
        if (this.clock.now().getTime() >= giveUpAt) throw inDoubt(planId);
        await this.clock.sleep(BUSY_PAUSE_MS);
        continue;
      }
      const settlement = await this.executor.execute(next.operation, `api:${caller.name}`);
      // That an earlier call was refused is no answer to this one.
      if (next.kind === 'finish' && settlement.kind === 'refused') continue;
      assertDone(settlement, { planId });
      const plan = next.kind === 'call' ? await this.plans.byUid(this.database.db, next.plan.uid) : undefined;
      if (plan !== undefined) return { plan, called: true };
    }
  }
}

function inDoubt(planId: string): ServiceError {
  return new ServiceError('operation_in_doubt', 'another request for this plan has not ended yet', {
    planId,
  });
}
