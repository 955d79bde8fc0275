import { Controller } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { NATS_CALLER } from '../../http/access/caller.js';
import {
  CancelSubscriptionByIdDto,
  CreateSubscriptionDto,
  ListSubscriptionsDto,
  newSubscription,
  SubscriptionRefDto,
  UpdateSubscriptionByIdDto,
} from '../subscription/subscription.dto.js';
import type {
  SubscriptionDetails,
  SubscriptionList,
  SubscriptionResource,
} from '../subscription/subscription.view.js';
import { SubscriptionDirectory } from './subscription.directory.js';
import { SubscriptionsService } from './subscriptions.service.js';

/** Subscriptions over NATS; the broker decides who may. */
@Controller()
export class SubscriptionsNatsController {
  constructor(
    private readonly subscriptions: SubscriptionsService,
    private readonly directory: SubscriptionDirectory,
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
}
