import { Body, Controller, Delete, Get, Param, Patch, Post, Query, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiCreatedResponse, ApiHeader, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { type Caller, CurrentCaller } from '../../http/access/caller.js';
import { IdempotencyKey } from '../../http/idempotency/idempotency.service.js';
import { CreatePlanDto } from './create-plan.dto.js';
import { ListPlansDto } from './list-plans.dto.js';
import { PlanList, PlanResource } from './plan.view.js';
import { PlansEndpoint } from './plans.endpoint.js';
import { PlansService } from './plans.service.js';
import { UpdatePlanDto } from './update-plan.dto.js';

@ApiTags('plans')
@ApiBearerAuth()
@Controller('plans')
export class PlansHttpController {
  constructor(
    private readonly endpoint: PlansEndpoint,
    private readonly plans: PlansService,
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
    const answer = await this.endpoint.createOnce(body, caller, key);
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
  get(@Param('id') id: string, @CurrentCaller() caller: Caller): Promise<PlanResource> {
    return this.endpoint.get(id, caller);
  }

  /** Changes a plan at its provider, as far as that can. */
  @Patch(':id')
  update(
    @Param('id') id: string,
    @Body() body: UpdatePlanDto,
    @CurrentCaller() caller: Caller,
  ): Promise<PlanResource> {
    return this.endpoint.update(id, body, caller);
  }

  /** Nobody can subscribe to it any more; who has, stays. */
  @Delete(':id')
  delete(@Param('id') id: string, @CurrentCaller() caller: Caller): Promise<PlanResource> {
    return this.endpoint.delete(id, caller);
  }
}
