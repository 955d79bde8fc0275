import { Injectable } from '@nestjs/common';
import type { CustomerRow } from '../../customers/customer/customer.tables.js';
import { CustomersService } from '../../customers/customer/customers.service.js';
import type { Caller } from '../../http/access/caller.js';
import { toServiceError } from '../../http/filters/error.mapping.js';
import type { RememberedResource } from '../../http/idempotency/idempotency.service.js';
import { Clock } from '../../kernel/clock.js';
import { ServiceError } from '../../kernel/errors.js';
import { orderIdText } from '../../kernel/order.id.js';
import type { PlanRow } from '../plan/plan.tables.js';
import { PlansService } from '../plan/plans.service.js';
import { newSubscription } from '../subscription/subscription.requests.js';
import type { SubscriptionResource } from '../subscription/subscription.view.js';
import { SubscriptionsService } from '../subscription/subscriptions.service.js';
import type { SignupDto } from './signup.dto.js';
import { SignupProgress } from './signup.progress.js';
import { newCustomer } from './signup.rules.js';
import type { SignupAnswer } from './signup.view.js';

/** Makes a customer and, where there is a plan, subscribes it in the same call. */
@Injectable()
export class SignupService {
  constructor(
    private readonly customers: CustomersService,
    private readonly plans: PlansService,
    private readonly subscriptions: SubscriptionsService,
    private readonly clock: Clock,
  ) {}

  /**
   * @throws ServiceError not_found for the plan; order_not_yours; as CustomersService.create does; and as SubscriptionsService.create
   * does, with `details.customerId`: then the customer is there, and can be subscribed later.
   */
  async signUp(dto: SignupDto, caller: Caller, resource: RememberedResource): Promise<SignupAnswer> {
    const progress = new SignupProgress(resource);
    const plan = await this.planOf(dto, caller, progress);
    const wanted = newCustomer(dto, plan, this.clock.now());
    // Before there is a customer, as everything that would refuse the subscription.
    const { orderId = null } = dto;
    await this.subscriptions.assertTheirs(orderId === null ? undefined : orderIdText(orderId), caller);
    const customer = await this.customers.create(wanted, caller, progress.customer);
    const subscription = plan ? await this.subscribe(dto, plan, customer, caller, progress) : null;
    return { ...(await this.customers.answerOf(customer)), subscription };
  }

  /** A plan that was deleted since is still the one that was subscribed to. */
  private async planOf(
    dto: SignupDto,
    caller: Caller,
    progress: SignupProgress,
  ): Promise<PlanRow | undefined> {
    const planId = dto.planId ?? undefined;
    if (planId === undefined) return undefined;
    return progress.hasSubscription ? this.plans.get(planId, caller) : this.plans.active(planId, caller);
  }

  private async subscribe(
    dto: SignupDto,
    { id: planId }: PlanRow,
    { id: customerId }: CustomerRow,
    caller: Caller,
    progress: SignupProgress,
  ): Promise<SubscriptionResource> {
    const { trialEnd, orderId, subscriptionMetadata: metadata } = dto;
    const wanted = newSubscription({ customerId, planId, trialEnd, orderId, metadata });
    try {
      return await this.subscriptions.create(wanted, caller, progress.subscription);
    } catch (error) {
      throw withCustomer(error, customerId);
    }
  }
}

/** The error with the customer that was made before it. */
function withCustomer(thrown: unknown, customerId: string): unknown {
  const { code, message, details, cause } = toServiceError(thrown);
  // A bug is told as it came: nobody else's log would show where it was.
  if (code === 'internal') return thrown;
  const told = Array.isArray(details) ? { fields: details } : details;
  return new ServiceError(code, message, { ...told, customerId }, { cause });
}
