import { Controller } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { NATS_CALLER } from '../../http/access/caller.js';
import { CreatePlanDto, ListPlansDto, newPlan, PlanRefDto, UpdatePlanByIdDto } from './plan.dto.js';
import { type PlanList, type PlanResource, planResource } from './plan.view.js';
import { PlansService } from './plans.service.js';

/** Plans over NATS; the broker decides who may. */
@Controller()
export class PlansNatsController {
  constructor(private readonly plans: PlansService) {}

  @MessagePattern('payments.plans.create')
  async create(@Payload() body: CreatePlanDto): Promise<PlanResource> {
    return planResource((await this.plans.create(newPlan(body), NATS_CALLER)).plan);
  }

  @MessagePattern('payments.plans.get')
  async get(@Payload() { planId }: PlanRefDto): Promise<PlanResource> {
    return planResource(await this.plans.get(planId, NATS_CALLER));
  }

  @MessagePattern('payments.plans.list')
  list(@Payload() query: ListPlansDto): Promise<PlanList> {
    return this.plans.list(query, NATS_CALLER);
  }

  @MessagePattern('payments.plans.update')
  async update(@Payload() { planId, ...change }: UpdatePlanByIdDto): Promise<PlanResource> {
    return planResource(await this.plans.update(planId, change, NATS_CALLER));
  }

  @MessagePattern('payments.plans.delete')
  async delete(@Payload() { planId }: PlanRefDto): Promise<PlanResource> {
    return planResource(await this.plans.delete(planId, NATS_CALLER));
  }
}
