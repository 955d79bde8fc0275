import { Injectable } from '@nestjs/common';
import type { Caller } from '../../http/access/caller.js';
import { IdempotencyService } from '../../http/idempotency/idempotency.service.js';
import type { CancelSubscriptionDto } from './cancel-subscription.dto.js';
import type { CreateSubscriptionDto } from './create-subscription.dto.js';
import { newSubscription, SubscriptionRequests } from './subscription.requests.js';
import type { SubscriptionResource } from './subscription.view.js';
import { SubscriptionsService } from './subscriptions.service.js';
import type { UpdateSubscriptionDto } from './update-subscription.dto.js';

/** Subscriptions as their callers know them, over REST and over NATS. */
@Injectable()
export class SubscriptionsEndpoint {
  constructor(
    private readonly subscriptions: SubscriptionsService,
    private readonly requests: SubscriptionRequests,
    private readonly idempotency: IdempotencyService,
  ) {}

  /**
   * The same answer for the same Idempotency-Key; without one, each call subscribes once more.
   * @returns a SubscriptionResource, as it was stored under the key.
   */
  async create(dto: CreateSubscriptionDto, caller: Caller, key?: string): Promise<unknown> {
    const asked = { caller: caller.group, key, operation: 'subscriptions.create', request: dto };
    const answer = await this.idempotency.run(asked, async (resource) => ({
      status: 201,
      body: await this.subscriptions.create(newSubscription(dto), caller, resource),
    }));
    return answer.body;
  }

  async update(id: string, dto: UpdateSubscriptionDto, caller: Caller): Promise<SubscriptionResource> {
    const wishes = await this.requests.wishes(id, dto, caller);
    return this.subscriptions.change(id, wishes, caller);
  }

  cancel(id: string, dto: CancelSubscriptionDto, caller: Caller): Promise<SubscriptionResource> {
    const wish = {
      name: 'cancel',
      atPeriodEnd: dto.atPeriodEnd ?? false,
      openInvoices: dto.openInvoices ?? undefined,
      comment: dto.reason?.trim(),
    } as const;
    return this.subscriptions.change(id, [wish], caller);
  }

  move(
    id: string,
    name: 'pause' | 'resume' | 'retry' | 'undo_cancel',
    caller: Caller,
  ): Promise<SubscriptionResource> {
    return this.subscriptions.change(id, [{ name }], caller);
  }
}
