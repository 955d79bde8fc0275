import { Injectable } from '@nestjs/common';
import { contactOf } from '../../customers/customer/customer.js';
import { CustomersService, type NewCustomer } from '../../customers/customer/customers.service.js';
import type { Caller } from '../../http/access/caller.js';
import { toServiceError } from '../../http/filters/error.filter.js';
import type { RememberedResource } from '../../http/idempotency/idempotency.service.js';
import { Clock } from '../../kernel/clock.js';
import { invalidField, ServiceError } from '../../kernel/errors.js';
import { orderIdText } from '../../kernel/order.id.js';
import { NewSubscriptions } from '../command/new.subscriptions.js';
import { SubscriptionsService } from '../command/subscriptions.service.js';
import type { PlanRow } from '../plan/plan.tables.js';
import { PlansService } from '../plan/plans.service.js';
import { newSubscription } from '../subscription/subscription.dto.js';
import type { SubscriptionResource } from '../subscription/subscription.view.js';
import type { SignupAnswer, SignupDto } from './signup.dto.js';

/** Makes a customer and, where there is a plan, subscribes it in the same call. */
@Injectable()
export class SignupService {
  constructor(
    private readonly customers: CustomersService,
    private readonly plans: PlansService,
    private readonly subscriptions: SubscriptionsService,
    private readonly newcomers: NewSubscriptions,
    private readonly clock: Clock,
  ) {}

  /**
   * @param resource of an Idempotency-Key: it remembers the customer's id, then `customer/subscription`; a repeat goes on
   * with both.
   * @throws ServiceError not_found for the plan; order_not_yours; as CustomersService.create does; and as
   * SubscriptionsService.create does, with `details.customerId`: then the customer is there, and can be subscribed later.
   */
  async signUp(dto: SignupDto, caller: Caller, resource?: RememberedResource): Promise<SignupAnswer> {
    const [customerId, begun] = resource?.id?.split('/') ?? [];
    let subscriptionId: string | undefined = begun;
    const { planId, orderId } = dto;
    // A plan that was deleted since is still the one that was subscribed to.
    const findPlan = (id: string): Promise<PlanRow> =>
      begun === undefined ? this.plans.active(id, caller) : this.plans.get(id, caller);
    const plan = planId === undefined ? undefined : await findPlan(planId);
    // Refuse the subscription before there is a customer.
    const wanted = newCustomer(dto, plan, this.clock.now());
    if (orderId !== undefined) await this.newcomers.assertTheirs(orderIdText(orderId), caller);
    const customer = await this.customers.create(wanted, caller, {
      ...(customerId !== undefined && { id: customerId }),
      remember: async (id) => {
        subscriptionId = undefined;
        await resource?.remember(id);
      },
    });
    const ofSubscription = {
      ...(subscriptionId !== undefined && { id: subscriptionId }),
      remember: async (id: string) => resource?.remember(`${customer.id}/${id}`),
    };
    const subscription = plan ? await this.subscribe(dto, plan, customer.id, caller, ofSubscription) : null;
    return { ...(await this.customers.answerOf(customer)), subscription };
  }

  private async subscribe(
    { trialEnd, orderId, subscriptionMetadata: metadata }: SignupDto,
    { id: planId }: PlanRow,
    customerId: string,
    caller: Caller,
    resource: RememberedResource,
  ): Promise<SubscriptionResource> {
    const wanted = newSubscription({ customerId, planId, trialEnd, orderId, metadata });
    try {
      return await this.subscriptions.create(wanted, caller, resource);
    } catch (error) {
      throw withCustomer(error, customerId);
    }
  }
}

const OF_A_SUBSCRIPTION = ['trialEnd', 'orderId', 'subscriptionMetadata'] as const;

/**
 * Who is to be made, at the plan's provider where there is a plan.
 * @throws ServiceError invalid_request naming what contradicts the plan, or needs one.
 */
function newCustomer(dto: SignupDto, plan: PlanRow | undefined, now: Date): NewCustomer {
  const { provider, token, trialEnd, metadata } = dto;
  const person = { ...contactOf(dto), metadata, token };
  if (plan === undefined) {
    const stray = OF_A_SUBSCRIPTION.find((field) => dto[field] !== undefined);
    if (stray !== undefined) throw invalidField(stray, 'must be absent where planId is');
    return { ...person, provider };
  }
  if (provider !== undefined && provider !== plan.provider)
    throw invalidField('provider', `must be ${plan.provider}, which has the plan`);
  if (token === undefined) throw invalidField('token', 'is required with planId: it is the card that pays');
  if (trialEnd !== undefined && new Date(trialEnd) <= now)
    throw invalidField('trialEnd', 'must be in the future');
  return { ...person, provider: plan.provider };
}

function withCustomer(thrown: unknown, customerId: string): unknown {
  const { code, message, details, cause } = toServiceError(thrown);
  // A bug goes on as it came, so that the log shows where it was.
  if (code === 'internal') return thrown;
  const told = Array.isArray(details) ? { fields: details } : details;
  return new ServiceError(code, message, { ...told, customerId }, { cause });
}
