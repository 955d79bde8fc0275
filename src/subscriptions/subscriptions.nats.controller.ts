import { Controller } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { NATS_CALLER } from '../http/access/caller.js';
import { SubscriptionDirectory } from './command/subscription.directory.js';
import { SubscriptionsService } from './command/subscriptions.service.js';
import { CreatePlanDto, ListPlansDto, newPlan, PlanRefDto, UpdatePlanByIdDto } from './plan/plan.dto.js';
import { type PlanList, type PlanResource, planResource } from './plan/plan.view.js';
import { PlansService } from './plan/plans.service.js';
import { type SignupAnswer, SignupDto } from './signup/signup.dto.js';
import { SignupService } from './signup/signup.service.js';
import {
  CancelSubscriptionByIdDto,
  CreateSubscriptionDto,
  ListSubscriptionsDto,
  newSubscription,
  SubscriptionRefDto,
  UpdateSubscriptionByIdDto,
} from './subscription/subscription.dto.js';
import type {
  SubscriptionDetails,
  SubscriptionList,
  SubscriptionResource,
} from './subscription/subscription.view.js';

/** Subscriptions, plans and sign-up over NATS; the broker decides who may. */
@Controller()
export class SubscriptionsNatsController {
  constructor(
    private readonly subscriptions: SubscriptionsService,
    private readonly directory: SubscriptionDirectory,
    private readonly plans: PlansService,
    private readonly signups: SignupService,
  ) {}

  @MessagePattern('payments.subscriptions.create')
  create(@Payload() body: CreateSubscriptionDto): Promise<SubscriptionResource> {
    return this.subscriptions.create(newSubscription(body), NATS_CALLER);
  }

  @MessagePattern('payments.subscriptions.get')
  get(@Payload() { subscriptionId }: SubscriptionRefDto): Promise<SubscriptionDetails> {
    return this.directory.details(subscriptionId, NATS_CALLER);
  }

  @MessagePattern('payments.subscriptions.list')
  list(@Payload() query: ListSubscriptionsDto): Promise<SubscriptionList> {
    return this.directory.list(query, NATS_CALLER);
  }

  @MessagePattern('payments.subscriptions.update')
  update(@Payload() { subscriptionId, ...change }: UpdateSubscriptionByIdDto): Promise<SubscriptionResource> {
    return this.subscriptions.update(subscriptionId, change, NATS_CALLER);
  }

  @MessagePattern('payments.subscriptions.pause')
  pause(@Payload() { subscriptionId }: SubscriptionRefDto): Promise<SubscriptionResource> {
    return this.subscriptions.change(subscriptionId, [{ name: 'pause' }], NATS_CALLER);
  }

  @MessagePattern('payments.subscriptions.resume')
  resume(@Payload() { subscriptionId }: SubscriptionRefDto): Promise<SubscriptionResource> {
    return this.subscriptions.change(subscriptionId, [{ name: 'resume' }], NATS_CALLER);
  }

  @MessagePattern('payments.subscriptions.cancel')
  cancel(@Payload() { subscriptionId, ...how }: CancelSubscriptionByIdDto): Promise<SubscriptionResource> {
    return this.subscriptions.cancel(subscriptionId, how, NATS_CALLER);
  }

  @MessagePattern('payments.subscriptions.undo-cancel')
  undoCancel(@Payload() { subscriptionId }: SubscriptionRefDto): Promise<SubscriptionResource> {
    return this.subscriptions.change(subscriptionId, [{ name: 'undo_cancel' }], NATS_CALLER);
  }

  @MessagePattern('payments.subscriptions.retry')
  retry(@Payload() { subscriptionId }: SubscriptionRefDto): Promise<SubscriptionResource> {
    return this.subscriptions.change(subscriptionId, [{ name: 'retry' }], NATS_CALLER);
  }

  @MessagePattern('payments.plans.create')
  async createPlan(@Payload() body: CreatePlanDto): Promise<PlanResource> {
    return planResource((await this.plans.create(newPlan(body), NATS_CALLER)).plan);
  }

  @MessagePattern('payments.plans.get')
  async getPlan(@Payload() { planId }: PlanRefDto): Promise<PlanResource> {
    return planResource(await this.plans.get(planId, NATS_CALLER));
  }

  @MessagePattern('payments.plans.list')
  listPlans(@Payload() query: ListPlansDto): Promise<PlanList> {
    return this.plans.list(query, NATS_CALLER);
  }

  @MessagePattern('payments.plans.update')
  async updatePlan(@Payload() { planId, ...change }: UpdatePlanByIdDto): Promise<PlanResource> {
    return planResource(await this.plans.update(planId, change, NATS_CALLER));
  }

  @MessagePattern('payments.plans.delete')
  async deletePlan(@Payload() { planId }: PlanRefDto): Promise<PlanResource> {
    return planResource(await this.plans.delete(planId, NATS_CALLER));
  }

  @MessagePattern('payments.customers.create')
  signUp(@Payload() body: SignupDto): Promise<SignupAnswer> {
    return this.signups.signUp(body, NATS_CALLER);
  }
}
