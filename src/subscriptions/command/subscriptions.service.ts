import { Injectable } from '@nestjs/common';
import { CustomerDirectory } from '../../customers/customer/customer.directory.js';
import type { Caller } from '../../http/access/caller.js';
import type { RememberedResource } from '../../http/idempotency/idempotency.service.js';
import { invalidField } from '../../kernel/errors.js';
import { Ids } from '../../kernel/ids.js';
import { PlansService } from '../plan/plans.service.js';
import type {
  CancelSubscriptionDto,
  NewSubscription,
  UpdateSubscriptionDto,
} from '../subscription/subscription.dto.js';
import { isRejected } from '../subscription/subscription.js';
import type { SubscriptionResource } from '../subscription/subscription.view.js';
import { NewSubscriptions } from './new.subscriptions.js';
import type { CallerCommand } from './subscription.commands.js';
import { SubscriptionDirectory } from './subscription.directory.js';
import { SubscriptionTurn } from './subscription.turn.js';

@Injectable()
export class SubscriptionsService {
  constructor(
    private readonly directory: SubscriptionDirectory,
    private readonly newcomers: NewSubscriptions,
    private readonly turn: SubscriptionTurn,
    private readonly customers: CustomerDirectory,
    private readonly plans: PlansService,
    private readonly ids: Ids,
  ) {}

  /**
   * @param resource of an Idempotency-Key: a repeat ends what an earlier attempt began, and makes nothing twice.
   * @throws ServiceError as NewSubscriptions and SubscriptionTurn.create do.
   */
  async create(
    input: NewSubscription,
    caller: Caller,
    resource?: RememberedResource,
  ): Promise<SubscriptionResource> {
    const begun = resource?.id;
    if (begun !== undefined && (await this.goesOn(begun, caller)))
      return this.directory.resource(begun, caller);
    const parts = await this.newcomers.find(input, caller);
    // Nothing is made at a provider for who cannot subscribe.
    if (parts.exclusive) await this.directory.assertFree(parts.customer.id);
    const id = this.ids.next();
    const planned = await this.newcomers.plan(id, parts, caller);
    await resource?.remember(id);
    await this.turn.create(planned, `api:${caller.name}`);
    return this.directory.resource(id, caller);
  }

  /** @throws ServiceError as `change`; not_found, card_unusable, invalid_request naming the field. */
  async update(id: string, dto: UpdateSubscriptionDto, caller: Caller): Promise<SubscriptionResource> {
    const { row } = await this.directory.get(id, caller);
    const { planId, proration, paymentSourceId: cardId } = dto;
    if (planId === undefined && proration !== undefined) throw invalidField('proration', 'needs planId');
    const commands: CallerCommand[] = [];
    // The card first: a change of plan may charge it.
    if (cardId !== undefined) {
      const customer = await this.customers.getEver(row.customerId, caller);
      commands.push({ name: 'change_card', card: await this.customers.card(customer, cardId) });
    }
    if (planId !== undefined) {
      const timing = proration === 'prorate' ? 'immediately' : 'at_period_end';
      commands.push({ name: 'change_plan', plan: await this.plans.active(planId, caller), timing });
    }
    return this.change(id, commands, caller);
  }

  cancel(id: string, dto: CancelSubscriptionDto, caller: Caller): Promise<SubscriptionResource> {
    const { atPeriodEnd = false, openInvoices, reason } = dto;
    const comment = reason?.trim();
    return this.change(id, [{ name: 'cancel', atPeriodEnd, openInvoices, comment }], caller);
  }

  /** @throws ServiceError not_found, and as SubscriptionTurn.carryOut does. */
  async change(id: string, commands: CallerCommand[], caller: Caller): Promise<SubscriptionResource> {
    const { row } = await this.directory.get(id, caller);
    await this.turn.carryOut(row.id, commands, `api:${caller.name}`);
    return this.directory.resource(row.id, caller);
  }

  /** Ends what an earlier request began. False where that was nothing, or was refused for a reason that passes. */
  private async goesOn(id: string, caller: Caller): Promise<boolean> {
    if ((await this.directory.find(id, caller)) === undefined) return false;
    await this.turn.finish(id, `api:${caller.name}`);
    const begun = await this.directory.find(id, caller);
    return begun !== undefined && !isRejected(begun.row);
  }
}
