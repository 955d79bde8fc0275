import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiCreatedResponse, ApiHeader, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { type Caller, CurrentCaller } from '../http/access/caller.js';
import { IdempotencyKey, IdempotencyService } from '../http/idempotency/idempotency.service.js';
import { SubscriptionDirectory } from './command/subscription.directory.js';
import { SubscriptionsService } from './command/subscriptions.service.js';
import { CreatePlanDto, ListPlansDto, newPlan, UpdatePlanDto } from './plan/plan.dto.js';
import { PlanList, PlanResource, planResource } from './plan/plan.view.js';
import { PlansService } from './plan/plans.service.js';
import { SignupAnswer, SignupDto } from './signup/signup.dto.js';
import { SignupService } from './signup/signup.service.js';
import {
  CancelSubscriptionDto,
  CreateSubscriptionDto,
  ListSubscriptionsDto,
  newSubscription,
  UpdateSubscriptionDto,
} from './subscription/subscription.dto.js';
import {
  SubscriptionDetails,
  SubscriptionList,
  SubscriptionResource,
} from './subscription/subscription.view.js';

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

@ApiTags('subscriptions')
@ApiBearerAuth()
@Controller('subscriptions')
export class SubscriptionsHttpController {
  constructor(
    private readonly subscriptions: SubscriptionsService,
    private readonly directory: SubscriptionDirectory,
    private readonly idempotency: IdempotencyService,
  ) {}

  /** Subscribes a customer to a plan, at the plan's provider. */
  @Post()
  @ApiCreatedResponse({ type: SubscriptionResource })
  @ApiHeader({ name: 'Idempotency-Key', required: false })
  create(
    @Body() body: CreateSubscriptionDto,
    @CurrentCaller() caller: Caller,
    @IdempotencyKey() key: string | undefined,
  ): Promise<unknown> {
    const asked = { caller: caller.group, key, operation: 'subscriptions.create', request: body };
    return this.idempotency.make(asked, (resource) =>
      this.subscriptions.create(newSubscription(body), caller, resource),
    );
  }

  /** Subscriptions, newest first. */
  @Get()
  list(@Query() query: ListSubscriptionsDto, @CurrentCaller() caller: Caller): Promise<SubscriptionList> {
    return this.directory.list(query, caller);
  }

  /** One subscription, with its latest cycles. */
  @Get(':id')
  get(@Param('id') id: string, @CurrentCaller() caller: Caller): Promise<SubscriptionDetails> {
    return this.directory.details(id, caller);
  }

  /** Changes the plan or the card. */
  @Patch(':id')
  update(
    @Param('id') id: string,
    @Body() body: UpdateSubscriptionDto,
    @CurrentCaller() caller: Caller,
  ): Promise<SubscriptionResource> {
    return this.subscriptions.update(id, body, caller);
  }

  /** Nothing is charged until it is resumed. Only an active one can be paused. */
  @Post(':id/pause')
  @HttpCode(200)
  pause(@Param('id') id: string, @CurrentCaller() caller: Caller): Promise<SubscriptionResource> {
    return this.subscriptions.change(id, [{ name: 'pause' }], caller);
  }

  /** Goes on with one that is paused. */
  @Post(':id/resume')
  @HttpCode(200)
  resume(@Param('id') id: string, @CurrentCaller() caller: Caller): Promise<SubscriptionResource> {
    return this.subscriptions.change(id, [{ name: 'resume' }], caller);
  }

  /** Ends a subscription for good: now, or with its present cycle. */
  @Post(':id/cancel')
  @HttpCode(200)
  cancel(
    @Param('id') id: string,
    @Body() body: CancelSubscriptionDto,
    @CurrentCaller() caller: Caller,
  ): Promise<SubscriptionResource> {
    return this.subscriptions.cancel(id, body, caller);
  }

  /** Takes back a cancel at the period's end. Where none is set, the subscription as it is; 409 once it has ended. */
  @Post(':id/undo-cancel')
  @HttpCode(200)
  undoCancel(@Param('id') id: string, @CurrentCaller() caller: Caller): Promise<SubscriptionResource> {
    return this.subscriptions.change(id, [{ name: 'undo_cancel' }], caller);
  }

  /** Charges the cycle that is not paid, now. */
  @Post(':id/retry')
  @HttpCode(200)
  retry(@Param('id') id: string, @CurrentCaller() caller: Caller): Promise<SubscriptionResource> {
    return this.subscriptions.change(id, [{ name: 'retry' }], caller);
  }
}

@ApiTags('customers')
@ApiBearerAuth()
@Controller('customers')
export class SignupHttpController {
  constructor(
    private readonly signups: SignupService,
    private readonly idempotency: IdempotencyService,
  ) {}

  /** Makes a customer; with a plan, subscribes it in the same call. */
  @Post()
  @ApiCreatedResponse({ type: SignupAnswer })
  @ApiHeader({ name: 'Idempotency-Key', required: false })
  create(
    @Body() body: SignupDto,
    @CurrentCaller() caller: Caller,
    @IdempotencyKey() key: string | undefined,
  ): Promise<unknown> {
    const asked = { caller: caller.group, key, operation: 'customers.create', request: body };
    return this.idempotency.make(asked, (resource) => this.signups.signUp(body, caller, resource));
  }
}
