import { Injectable } from '@nestjs/common';
import type { Caller } from '../../http/access/caller.js';
import { IdempotencyService } from '../../http/idempotency/idempotency.service.js';
import type { CreatePlanDto } from './create-plan.dto.js';
import { PlanCommands } from './plan.commands.js';
import { planRequest } from './plan.requests.js';
import { type PlanResource, planResource } from './plan.view.js';
import { PlansService } from './plans.service.js';
import type { UpdatePlanDto } from './update-plan.dto.js';

/** Plans as their callers know them, over REST and over NATS. */
@Injectable()
export class PlansEndpoint {
  constructor(
    private readonly commands: PlanCommands,
    private readonly plans: PlansService,
    private readonly idempotency: IdempotencyService,
  ) {}

  async create(dto: CreatePlanDto, caller: Caller): Promise<PlanResource> {
    return planResource((await this.commands.create(planRequest(dto), caller)).plan);
  }

  /**
   * The same answer for the same Idempotency-Key; without one, as `create`.
   * @returns a PlanResource, as it was stored under the key; 200 where there was such a plan already.
   */
  createOnce(
    dto: CreatePlanDto,
    caller: Caller,
    key: string | undefined,
  ): Promise<{ status: number; body: unknown }> {
    const asked = { caller: caller.group, key, operation: 'plans.create', request: dto };
    return this.idempotency.run(asked, async () => {
      const { plan, created } = await this.commands.create(planRequest(dto), caller);
      return { status: created ? 201 : 200, body: planResource(plan) };
    });
  }

  async get(planId: string, caller: Caller): Promise<PlanResource> {
    return planResource(await this.plans.get(planId, caller));
  }

  async update(planId: string, dto: UpdatePlanDto, caller: Caller): Promise<PlanResource> {
    return planResource(await this.commands.update(planId, dto, caller));
  }

  async delete(planId: string, caller: Caller): Promise<PlanResource> {
    return planResource(await this.commands.delete(planId, caller));
  }
}
