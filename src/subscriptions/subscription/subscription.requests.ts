import { Injectable } from '@nestjs/common';
import { CustomerDirectory } from '../../customers/customer/customer.directory.js';
import type { Caller } from '../../http/access/caller.js';
import { invalidField } from '../../kernel/errors.js';
import { markedBy, orderIdText } from '../../kernel/order.id.js';
import { PlansService } from '../plan/plans.service.js';
import type { CreateSubscriptionDto } from './create-subscription.dto.js';
import type { NewSubscription } from '../command/new.subscriptions.js';
import { SubscriptionDirectory } from './subscriptions.service.js';
import type { SubscriptionWish } from '../command/subscription.wish.js';
import type { UpdateSubscriptionDto } from './update-subscription.dto.js';

export function newSubscription(dto: CreateSubscriptionDto): NewSubscription {
  return {
    customerId: dto.customerId,
    planId: dto.planId,
    paymentSourceId: dto.paymentSourceId ?? undefined,
    trialEnd: given(dto.trialEnd) ? new Date(dto.trialEnd) : undefined,
    orderId: given(dto.orderId) ? orderIdText(dto.orderId) : undefined,
    metadata:
      typeof dto.orderId === 'number' ? markedBy(dto.orderId, dto.metadata) : (dto.metadata ?? undefined),
  };
}

/** Finds what a change of a subscription names. */
@Injectable()
export class SubscriptionRequests {
  constructor(
    private readonly directory: SubscriptionDirectory,
    private readonly plans: PlansService,
    private readonly customers: CustomerDirectory,
  ) {}

  /** @throws ServiceError not_found, card_unusable, invalid_request naming the field. */
  async wishes(id: string, dto: UpdateSubscriptionDto, caller: Caller): Promise<SubscriptionWish[]> {
    const { row } = await this.directory.get(id, caller);
    if (given(dto.proration) && !given(dto.planId)) throw invalidField('proration', 'needs planId');
    const wishes: SubscriptionWish[] = [];
    // The card first: a change of plan may charge it.
    if (given(dto.paymentSourceId)) {
      const customer = await this.customers.getEver(row.customerId, caller);
      wishes.push({ name: 'change_card', card: await this.customers.card(customer, dto.paymentSourceId) });
    }
    if (given(dto.planId)) {
      const timing = dto.proration === 'prorate' ? 'immediately' : 'at_period_end';
      wishes.push({ name: 'change_plan', plan: await this.plans.active(dto.planId, caller), timing });
    }
    return wishes;
  }
}

/** Null is what validation lets through for a field that may be absent. */
function given<T>(value: T): value is NonNullable<T> {
  return value !== undefined && value !== null;
}
