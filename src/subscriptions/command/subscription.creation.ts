import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.js';
import type { Caller } from '../../http/access/caller.js';
import { ServiceError } from '../../kernel/errors.js';
import { Ids } from '../../kernel/ids.js';
import { type Operation, OperationStore } from '../../operations/operation.store.js';
import { LiveAttempts } from '../../payments/payment/live.attempt.js';
import {
  type NewSubscription,
  NewSubscriptions,
  type PlannedSubscription,
  type SubscriptionParts,
} from './new.subscriptions.js';
import { SubscriptionStore } from '../subscription/subscription.store.js';

/** Records new subscriptions, each with the call that makes it at the provider. */
@Injectable()
export class SubscriptionCreation {
  constructor(
    private readonly database: Database,
    private readonly subscriptions: SubscriptionStore,
    private readonly operations: OperationStore,
    private readonly newcomers: NewSubscriptions,
    private readonly attempts: LiveAttempts,
    private readonly ids: Ids,
  ) {}

  /**
   * @param remember learns the new one's id before anything is recorded.
   * @throws ServiceError customer_subscribed with `details.subscriptionId`; order_not_yours, order_already_paid and
   * order_payment_pending of the order that it is to pay; and as NewSubscriptions.plan does.
   */
  async record(
    input: NewSubscription,
    caller: Caller,
    remember: (id: string) => Promise<void>,
  ): Promise<Operation> {
    await this.assertPayable(input.orderId, caller);
    const parts = await this.newcomers.find(input, caller);
    // Nothing is made at a provider for who cannot subscribe.
    await this.assertFree(parts);
    const id = this.ids.next();
    const planned = await this.newcomers.plan(id, parts, caller);
    await remember(id);
    const operation = await this.insert(planned);
    if (operation !== undefined) return operation;
    await this.assertFree(parts);
    throw new ServiceError('operation_in_doubt', 'another subscription of this customer has just ended');
  }

  /**
   * Money that comes in from then on for the order that its first cycle pays for is for review.
   * @throws ServiceError order_not_yours, order_already_paid, order_payment_pending
   */
  private async assertPayable(orderId: string | undefined, caller: Caller): Promise<void> {
    if (orderId !== undefined)
      await this.database.transaction((tx) => this.attempts.assertPayable(tx, orderId, caller));
  }

  /** @throws ServiceError order_not_yours */
  async assertTheirs(orderId: string | undefined, caller: Caller): Promise<void> {
    if (orderId !== undefined)
      await this.database.transaction((tx) => this.attempts.lockTheirs(tx, orderId, caller));
  }

  private async assertFree({ customer, exclusive }: SubscriptionParts): Promise<void> {
    if (!exclusive) return;
    const present = await this.subscriptions.exclusiveOf(this.database.db, customer.id);
    if (present === undefined) return;
    throw new ServiceError('customer_subscribed', 'the customer has a subscription already', {
      subscriptionId: present.id,
    });
  }

  /** Undefined when the customer has one already. */
  private insert({ row, request }: PlannedSubscription): Promise<Operation | undefined> {
    return this.database.transaction(async (tx) => {
      const inserted = await this.subscriptions.insert(tx, row);
      if (inserted === undefined) return undefined;
      const { id: subjectId, provider } = inserted;
      const kind = 'create_subscription';
      return this.operations.prepare(tx, { id: this.ids.next(), subjectId, provider, kind, request });
    });
  }
}
