import { Injectable } from '@nestjs/common';
import { SubscriptionSettings } from '../../config/settings.js';
import { unusableCard } from '../../customers/customer/customer.js';
import { CustomerDirectory } from '../../customers/customer/customer.directory.js';
import { Database } from '../../database/database.js';
import type { Caller } from '../../http/access/caller.js';
import { Clock } from '../../kernel/clock.js';
import { invalidField } from '../../kernel/errors.js';
import { LiveAttempts } from '../../payments/session/live.attempt.js';
import { ProviderRegistry } from '../../providers/provider.registry.js';
import { termsOf } from '../plan/plan.js';
import { PlansService } from '../plan/plans.service.js';
import type { NewSubscription } from '../subscription/subscription.dto.js';
import { assertSameProvider } from './subscription.commands.js';

/** A subscription as it is recorded, with the exact call that makes it. */
export type PlannedSubscription = Awaited<ReturnType<NewSubscriptions['plan']>>;

type Parts = Awaited<ReturnType<NewSubscriptions['find']>>;

/** Turns what a caller asks for into what is recorded for it. */
@Injectable()
export class NewSubscriptions {
  constructor(
    private readonly database: Database,
    private readonly attempts: LiveAttempts,
    private readonly customers: CustomerDirectory,
    private readonly plans: PlansService,
    private readonly providers: ProviderRegistry,
    private readonly settings: SubscriptionSettings,
    private readonly clock: Clock,
  ) {}

  /** @throws ServiceError order_not_yours */
  async assertTheirs(orderId: string, caller: Caller): Promise<void> {
    await this.database.transaction((tx) => this.attempts.lockTheirs(tx, orderId, caller));
  }

  /**
   * Asks no provider.
   * @throws ServiceError order_not_yours, order_already_paid, order_payment_pending, not_found, card_unusable,
   * invalid_request, capability_not_supported.
   */
  async find(input: NewSubscription, caller: Caller) {
    const { orderId, paymentSourceId, trialEnd } = input;
    if (orderId !== undefined)
      await this.database.transaction((tx) => this.attempts.assertPayable(tx, orderId, caller));
    const customer = await this.customers.get(input.customerId, caller);
    const plan = await this.plans.active(input.planId, caller);
    this.providers.with(plan.provider, 'subscriptions');
    if (trialEnd !== undefined && trialEnd <= this.clock.now())
      throw invalidField('trialEnd', 'must be in the future');
    const card =
      paymentSourceId === undefined ? undefined : await this.customers.card(customer, paymentSourceId);
    if (card !== undefined) assertSameProvider(card, plan.provider);
    // Exclusive: the customer may have no other one beside it.
    return { input, customer, plan, card, exclusive: !this.settings.multiple };
  }

  /**
   * Also makes the customer at the plan's provider, where it is new: without a card, so for a trial only.
   * @throws ServiceError card_unusable, as CustomerDirectory.accountAt does, and what the provider cannot do by name.
   */
  async plan(id: string, parts: Parts, caller: Caller) {
    const { input, customer, plan, card, exclusive } = parts;
    const { name: provider, livemode, subscriptions } = this.providers.with(plan.provider, 'subscriptions');
    const { trialEnd, metadata = {} } = input;
    const isChargedNow = plan.trialDays === 0 && trialEnd === undefined;
    if (isChargedNow && card === undefined && !(await this.customers.isAt(customer, provider)))
      throw unusableCard('default');
    const request = subscriptions.request({
      kind: 'create_subscription',
      subscriptionId: id,
      providerCustomerId: await this.customers.accountAt(customer, provider, `api:${caller.name}`),
      providerPlanId: plan.providerPlanId ?? '',
      terms: termsOf(plan),
      providerSourceId: card?.providerSourceId,
      trialEnd,
      metadata,
      now: this.clock.now(),
    });
    const row = {
      id,
      customerId: customer.id,
      planUid: plan.uid,
      provider,
      livemode,
      sourceId: card?.id ?? null,
      orderId: input.orderId ?? null,
      status: 'incomplete' as const,
      metadata,
      exclusive,
      caller: caller.group,
    };
    return { row, request: { ...request } };
  }
}
