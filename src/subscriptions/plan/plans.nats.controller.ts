import { Controller } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { NATS_CALLER } from '../../http/access/caller.js';
import { CreatePlanDto } from './create-plan.dto.js';
import { ListPlansDto } from './list-plans.dto.js';
import { PlanRefDto, UpdatePlanByIdDto } from './plan-ref.dto.js';
import type { PlanList, PlanResource } from './plan.view.js';
import { PlansEndpoint } from './plans.endpoint.js';
import { PlansService } from './plans.service.js';

/** Plans over NATS; the broker decides who may. */
@Controller()
export class PlansNatsController {
  constructor(
    private readonly endpoint: PlansEndpoint,
    private readonly plans: PlansService,
  ) {}

  @MessagePattern('payments.plans.create')
  create(@Payload() body: CreatePlanDto): Promise<PlanResource> {
    return this.endpoint.create(body, NATS_CALLER);
  }

  @MessagePattern('payments.plans.get')
  get(@Payload() { planId }: PlanRefDto): Promise<PlanResource> {
    return this.endpoint.get(planId, NATS_CALLER);
  }

  @MessagePattern('payments.plans.list')
  list(@Payload() query: ListPlansDto): Promise<PlanList> {
    return this.plans.list(query, NATS_CALLER);
  }

  @MessagePattern('payments.plans.update')
  update(@Payload() { planId, ...change }: UpdatePlanByIdDto): Promise<PlanResource> {
    return this.endpoint.update(planId, change, NATS_CALLER);
  }

  @MessagePattern('payments.plans.delete')
  delete(@Payload() { planId }: PlanRefDto): Promise<PlanResource> {
    return this.endpoint.delete(planId, NATS_CALLER);
  }
}
