import { Controller } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { NATS_CALLER } from '../../http/access/caller.js';
import { CreateSubscriptionDto } from './create-subscription.dto.js';
import { ListSubscriptionsDto } from './list-subscriptions.dto.js';
import {
  CancelSubscriptionByIdDto,
  SubscriptionRefDto,
  UpdateSubscriptionByIdDto,
} from './subscription-ref.dto.js';
import type { SubscriptionDetails, SubscriptionList, SubscriptionResource } from './subscription.view.js';
import { SubscriptionsEndpoint } from './subscriptions.endpoint.js';
import { SubscriptionDirectory } from './subscriptions.service.js';

/** Subscriptions over NATS; the broker decides who may. */
@Controller()
export class SubscriptionsNatsController {
  constructor(
    private readonly endpoint: SubscriptionsEndpoint,
    private readonly directory: SubscriptionDirectory,
  ) {}

  @MessagePattern('payments.subscriptions.create')
  create(@Payload() body: CreateSubscriptionDto): Promise<unknown> {
    return this.endpoint.create(body, NATS_CALLER);
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
    return this.endpoint.update(subscriptionId, change, NATS_CALLER);
  }

  @MessagePattern('payments.subscriptions.pause')
  pause(@Payload() { subscriptionId }: SubscriptionRefDto): Promise<SubscriptionResource> {
    return this.endpoint.move(subscriptionId, 'pause', NATS_CALLER);
  }

  @MessagePattern('payments.subscriptions.resume')
  resume(@Payload() { subscriptionId }: SubscriptionRefDto): Promise<SubscriptionResource> {
    return this.endpoint.move(subscriptionId, 'resume', NATS_CALLER);
  }

  @MessagePattern('payments.subscriptions.cancel')
  cancel(@Payload() { subscriptionId, ...how }: CancelSubscriptionByIdDto): Promise<SubscriptionResource> {
    return this.endpoint.cancel(subscriptionId, how, NATS_CALLER);
  }

  @MessagePattern('payments.subscriptions.undo-cancel')
  undoCancel(@Payload() { subscriptionId }: SubscriptionRefDto): Promise<SubscriptionResource> {
    return this.endpoint.move(subscriptionId, 'undo_cancel', NATS_CALLER);
  }

  @MessagePattern('payments.subscriptions.retry')
  retry(@Payload() { subscriptionId }: SubscriptionRefDto): Promise<SubscriptionResource> {
    return this.endpoint.move(subscriptionId, 'retry', NATS_CALLER);
  }
}
