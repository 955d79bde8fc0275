import { Body, Controller, Delete, Get, Param, Patch, Post, Query, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiCreatedResponse, ApiHeader, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { type Caller, CurrentCaller } from '../../http/access/caller.js';
import { IdempotencyKey, IdempotencyService } from '../../http/idempotency/idempotency.service.js';
import { CreatePlanDto, ListPlansDto, newPlan, UpdatePlanDto } from './plan.dto.js';
import { PlanList, PlanResource, planResource } from './plan.view.js';
import { PlansService } from './plans.service.js';

@ApiTags('plans')
@ApiBearerAuth()
@Controller('plans')
export class PlansHttpController {
  constructor(
    private readonly plans: PlansService,
    private readonly idempotency: IdempotencyService,
  ) {}

  /** Makes a plan at its provider. 200 when there is one of this id with the same terms already. */
  @Post()
  @ApiCreatedResponse({ type: PlanResource })
  @ApiOkResponse({ type: PlanResource })
  @ApiHeader({ name: 'Idempotency-Key', required: false })
  async create(
    @Body() body: CreatePlanDto,
    @CurrentCaller() caller: Caller,
    @IdempotencyKey() key: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<unknown> {
    const asked = { caller: caller.group, key, operation: 'plans.create', request: body };
    const answer = await this.idempotency.run(asked, async () => {
      const { plan, created } = await this.plans.create(newPlan(body), caller);
      return { status: created ? 201 : 200, body: planResource(plan) };
    });
    reply.status(answer.status);
    return answer.body;
  }

  /** Plans that are not deleted, newest first. */
  @Get()
  list(@Query() query: ListPlansDto, @CurrentCaller() caller: Caller): Promise<PlanList> {
    return this.plans.list(query, caller);
  }

  /** One plan, also after it was deleted. */
  @Get(':id')
  async get(@Param('id') id: string, @CurrentCaller() caller: Caller): Promise<PlanResource> {
    return planResource(await this.plans.get(id, caller));
  }

  /** Changes a plan at its provider, as far as that can. */
  @Patch(':id')
  async update(
    @Param('id') id: string,
    @Body() body: UpdatePlanDto,
    @CurrentCaller() caller: Caller,
  ): Promise<PlanResource> {
    return planResource(await this.plans.update(id, body, caller));
  }

  /** Nobody can subscribe to it any more; who has, stays. */
  @Delete(':id')
  async delete(@Param('id') id: string, @CurrentCaller() caller: Caller): Promise<PlanResource> {
    return planResource(await this.plans.delete(id, caller));
  }
}
