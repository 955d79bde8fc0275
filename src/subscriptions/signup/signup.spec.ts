import { describe, expect, it } from '@jest/globals';
import type { CustomerRow } from '../../customers/customer/customer.tables.js';
import type { CustomerResource } from '../../customers/customer/customer.view.js';
import type { CustomersService, NewCustomer } from '../../customers/customer/customers.service.js';
import type { Caller } from '../../http/access/caller.js';
import type { RememberedResource } from '../../http/idempotency/idempotency.service.js';
import { RequestPipe } from '../../http/validation/request.pipe.js';
import { Clock } from '../../kernel/clock.js';
import { invalidField, ServiceError } from '../../kernel/errors.js';
import { ProviderError } from '../../providers/provider.errors.js';
import type { PlanRow } from '../plan/plan.tables.js';
import type { PlansService } from '../plan/plans.service.js';
import type { SubscriptionResource } from '../subscription/subscription.view.js';
import type { NewSubscriptions } from '../command/new.subscriptions.js';
import type { SubscriptionsService } from '../command/subscriptions.service.js';
import type { NewSubscription } from '../subscription/subscription.dto.js';
import { type SignupAnswer, SignupDto } from './signup.dto.js';
import { SignupService } from './signup.service.js';

const SHOP: Caller = { name: 'shop', group: 'shop', roles: ['service'], public: false };
const ANA = { name: 'Ana', email: 'ana@shop.example', phone: '+525512345678' };
const WITH_PLAN = { ...ANA, token: 'tok_1', planId: 'gold' };

/** Of something large, as much as is looked at here. */
function only<T extends object>(part: Partial<T>): T {
  return Object.assign(Object.create(null), part);
}

/** A sign-up between rooms that make things in memory, each once for what it was told to remember. */
class SignupBed {
  readonly customers: NewCustomer[] = [];
  readonly subscriptions: NewSubscription[] = [];
  /** What the next subscription fails with, after it was recorded. */
  failure: Error | undefined;
  planIsActive = true;
  private remembered: string | undefined;
  private readonly service: SignupService;

  constructor() {
    const get = async () => only<PlanRow>({ id: 'gold', provider: 'main' });
    const active = () =>
      this.planIsActive ? get() : Promise.reject(new ServiceError('not_found', 'no plan'));
    this.service = new SignupService(
      only<CustomersService>({
        create: (input, _caller, resource) => this.customer(input, resource),
        answerOf: async ({ id }) => only<CustomerResource>({ customerId: id }),
      }),
      only<PlansService>({ get, active }),
      only<SubscriptionsService>({
        create: (input, _caller, resource) => this.subscription(input, resource),
      }),
      only<NewSubscriptions>({ assertTheirs: () => Promise.resolve() }),
      new Clock(),
    );
  }

  /** As under one Idempotency-Key, which no attempt before has ended. */
  async signUp(body: object): Promise<SignupAnswer> {
    const dto: unknown = await new RequestPipe().transform(body, { type: 'body', metatype: SignupDto });
    if (!(dto instanceof SignupDto)) throw new Error('no sign-up');
    return this.service.signUp(dto, SHOP, {
      ...(this.remembered !== undefined && { id: this.remembered }),
      remember: async (id) => void (this.remembered = id),
    });
  }

  private async customer(input: NewCustomer, resource?: RememberedResource): Promise<CustomerRow> {
    return only<CustomerRow>({ id: await madeOnce('customer', this.customers, input, resource) });
  }

  private async subscription(
    input: NewSubscription,
    resource?: RememberedResource,
  ): Promise<SubscriptionResource> {
    const subscriptionId = await madeOnce('subscription', this.subscriptions, input, resource);
    const { failure } = this;
    this.failure = undefined;
    if (failure !== undefined) throw failure;
    return only<SubscriptionResource>({ subscriptionId });
  }
}

async function madeOnce<T>(
  noun: string,
  made: T[],
  input: T,
  resource: RememberedResource | undefined,
): Promise<string> {
  if (resource?.id !== undefined) return resource.id;
  const id = `${noun}-${made.push(input)}`;
  await resource?.remember(id);
  return id;
}

async function refusalOf(work: Promise<unknown>): Promise<ServiceError> {
  const error: unknown = await work.catch((caught: unknown) => caught);
  if (!(error instanceof ServiceError)) throw new Error('was not refused');
  return error;
}

describe('a sign-up', () => {
  it('makes a customer alone where no plan is named', async () => {
    const bed = new SignupBed();
    expect(await bed.signUp({ ...ANA, provider: 'other', metadata: { tier: 'gold' } })).toEqual({
      customerId: 'customer-1',
      subscription: null,
    });
    expect(bed.customers).toEqual([{ ...ANA, provider: 'other', metadata: { tier: 'gold' } }]);
    expect(bed.subscriptions).toEqual([]);
  });

  it('makes the customer at the plan’s provider and subscribes it', async () => {
    const bed = new SignupBed();
    const trialEnd = new Date(Date.now() + 86_400_000);
    const more = { orderId: 'o-1', trialEnd: trialEnd.toISOString(), subscriptionMetadata: { seat: '4' } };
    expect(await bed.signUp({ ...WITH_PLAN, ...more })).toEqual({
      customerId: 'customer-1',
      subscription: { subscriptionId: 'subscription-1' },
    });
    expect(bed.customers).toMatchObject([{ provider: 'main', token: 'tok_1' }]);
    const metadata = { seat: '4' };
    expect(bed.subscriptions).toMatchObject([
      { customerId: 'customer-1', planId: 'gold', orderId: 'o-1', trialEnd, metadata },
    ]);
  });

  it.each([
    ['provider', { ...WITH_PLAN, provider: 'other' }],
    ['token', { ...ANA, planId: 'gold' }],
    ['trialEnd', { ...WITH_PLAN, trialEnd: '2020-01-01T00:00:00Z' }],
    ['trialEnd', { ...WITH_PLAN, trialEnd: 'tomorrow' }],
    ['orderId', { ...ANA, orderId: 'o-1' }],
    ['subscriptionMetadata', { ...ANA, subscriptionMetadata: { seat: '4' } }],
    ['customerId', { ...WITH_PLAN, customerId: 'customer-9' }],
    ['email', { ...WITH_PLAN, email: 'nobody' }],
  ])('is refused by the name of %s before anything is made', async (field, body) => {
    const bed = new SignupBed();
    expect((await refusalOf(bed.signUp(body))).details).toMatchObject([{ field }]);
    expect([bed.customers, bed.subscriptions]).toEqual([[], []]);
  });

  it('to a plan that nobody can have makes no customer', async () => {
    const bed = new SignupBed();
    bed.planIsActive = false;
    expect((await refusalOf(bed.signUp(WITH_PLAN))).code).toBe('not_found');
    expect(bed.customers).toEqual([]);
  });

  it('whose subscription fails tells the customer, and goes on with both when it is repeated', async () => {
    const bed = new SignupBed();
    bed.failure = new ServiceError('unknown_outcome', 'no answer', { subscriptionId: 'subscription-1' });
    expect((await refusalOf(bed.signUp(WITH_PLAN))).details).toEqual({
      customerId: 'customer-1',
      subscriptionId: 'subscription-1',
    });
    bed.planIsActive = false;
    expect(await bed.signUp(WITH_PLAN)).toEqual({
      customerId: 'customer-1',
      subscription: { subscriptionId: 'subscription-1' },
    });
    expect([bed.customers.length, bed.subscriptions.length]).toEqual([1, 1]);
  });

  it('tells the customer beside the fields of a refusal, and the provider’s own refusals too', async () => {
    const bed = new SignupBed();
    bed.failure = invalidField('orderId', 'must be another');
    expect((await refusalOf(bed.signUp(WITH_PLAN))).details).toEqual({
      fields: [{ field: 'orderId', rule: 'must be another' }],
      customerId: 'customer-1',
    });
    bed.failure = new ProviderError('declined', 'no', { provider: 'main' });
    expect(await refusalOf(bed.signUp(WITH_PLAN))).toMatchObject({
      code: 'card_declined',
      details: { customerId: 'customer-1' },
    });
  });
});
