import { Injectable } from '@nestjs/common';
import { SubscriptionSettings } from '../../config/settings.js';
import type { CustomerRow, PaymentSourceRow } from '../../customers/customer/customer.tables.js';
import { unusableCard } from '../../customers/customer/customer.js';
import { CustomerDirectory } from '../../customers/customer/customer.directory.js';
import type { Caller } from '../../http/access/caller.js';
import { Clock } from '../../kernel/clock.js';
import { invalidField } from '../../kernel/errors.js';
import type { SubscriptionCommand } from '../../providers/billing.ports.js';
import { termsOf } from '../plan/plan.js';
import type { PlanRow } from '../plan/plan.tables.js';
import { PlansService } from '../plan/plans.service.js';
import { SubscriptionProviders } from './subscription.port.js';
import type { NewSubscriptionRow } from '../subscription/subscription.store.js';
import { assertSameProvider } from './subscription.wish.js';

/** What a caller asks for. */
export interface NewSubscription {
  customerId: string;
  /** The caller's own id of the plan. */
  planId: string;
  /** Undefined: the customer's default card at the plan's provider. */
  paymentSourceId?: string | undefined;
  /** In place of the plan's trial days. */
  trialEnd?: Date | undefined;
  /** The order that its first paid cycle pays for. */
  orderId?: string | undefined;
  metadata?: Record<string, string> | undefined;
}

/** What a request names. */
export interface SubscriptionParts {
  input: NewSubscription;
  customer: CustomerRow;
  plan: PlanRow;
  card: PaymentSourceRow | undefined;
  /** The customer may have no other one beside it. */
  exclusive: boolean;
}

/** A subscription as it is recorded, with the exact call that makes it. */
export interface PlannedSubscription {
  row: NewSubscriptionRow;
  request: Record<string, unknown>;
}

/** Makes of a request what is recorded for it. */
@Injectable()
export class NewSubscriptions {
  constructor(
    private readonly customers: CustomerDirectory,
    private readonly plans: PlansService,
    private readonly providers: SubscriptionProviders,
    private readonly settings: SubscriptionSettings,
    private readonly clock: Clock,
  ) {}

  /** Asks nobody. @throws ServiceError not_found, card_unusable, invalid_request, capability_not_supported. */
  async find(input: NewSubscription, caller: Caller): Promise<SubscriptionParts> {
    const customer = await this.customers.get(input.customerId, caller);
    const plan = await this.plans.active(input.planId, caller);
    this.providers.get(plan.provider);
    if (input.trialEnd !== undefined && input.trialEnd <= this.clock.now()) {
      throw invalidField('trialEnd', 'must be in the future');
    }
    const card = await this.cardOf(customer, plan, input);
    return { input, customer, plan, card, exclusive: !this.settings.multiple };
  }

  /**
   * Also makes the customer at the plan's provider, where it has none yet. There it has no card, and is made only for a
   * trial: of a card the provider decides.
   * @throws ServiceError card_unusable, as CustomerDirectory.accountAt does, and what the provider cannot do by name.
   */
  async plan(id: string, parts: SubscriptionParts, caller: Caller): Promise<PlannedSubscription> {
    const { input, customer, plan, card, exclusive } = parts;
    const { name: provider, livemode, subscriptions } = this.providers.get(plan.provider);
    const isChargedNow = plan.trialDays === 0 && input.trialEnd === undefined;
    if (isChargedNow && card === undefined && !(await this.customers.isAt(customer, provider)))
      throw unusableCard('default');
    const providerCustomerId = await this.customers.accountAt(customer, provider, `api:${caller.name}`);
    const request = subscriptions.plan({
      ...commandOf(id, plan, input, this.clock.now()),
      providerCustomerId,
      providerSourceId: card?.providerSourceId,
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
      metadata: input.metadata ?? {},
      exclusive,
      caller: caller.group,
    };
    return { row, request: { ...request } };
  }

  private async cardOf(
    customer: CustomerRow,
    { provider }: PlanRow,
    { paymentSourceId }: NewSubscription,
  ): Promise<PaymentSourceRow | undefined> {
    if (paymentSourceId === undefined) return undefined;
    const card = await this.customers.card(customer, paymentSourceId);
    assertSameProvider(card.provider, provider);
    return card;
  }
}

type Create = Extract<SubscriptionCommand, { kind: 'create_subscription' }>;

function commandOf(
  subscriptionId: string,
  plan: PlanRow,
  { trialEnd, metadata }: NewSubscription,
  now: Date,
): Omit<Create, 'providerCustomerId' | 'providerSourceId'> {
  return {
    kind: 'create_subscription',
    subscriptionId,
    providerPlanId: plan.providerPlanId ?? '',
    terms: termsOf(plan),
    trialEnd,
    metadata: metadata ?? {},
    now,
  };
}
