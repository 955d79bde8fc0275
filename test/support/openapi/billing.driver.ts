import type { PlanTerms, SubscriptionFact } from '../../../src/providers/billing.facts.js';
import type {
  CommandResult,
  Commands,
  PlanChangeTiming,
  SubscriptionCommand,
  SubscriptionTarget,
} from '../../../src/providers/billing.ports.js';
import type { ChargeInput, ChargeResult } from '../../../src/providers/payment.ports.js';
import type { Outcome, ProviderCall } from '../../../src/providers/provider.calls.js';
import type { OptionalParts, PaymentProvider } from '../../../src/providers/provider.port.js';

export type BillingProvider = PaymentProvider &
  Pick<OptionalParts, 'customers'> &
  Pick<OptionalParts, 'plans'> &
  Pick<OptionalParts, 'subscriptions'> &
  Pick<OptionalParts, 'charges'> &
  Pick<OptionalParts, 'cardSetups'>;

/** What is done with a subscription that is there, without what every command says of whom it is about. */
export type Change = Exclude<SubscriptionCommand, { kind: 'create_subscription' }>;

export interface Subscriber {
  target: SubscriptionTarget;
  cardId: string;
}

const DAY_MS = 86_400_000;

/** 199.00 MXN a month. */
export const MONTHLY: PlanTerms = {
  name: 'Gold',
  money: { amount: 19_900n, currency: 'MXN' },
  interval: 'month',
  frequency: 1,
  trialDays: 0,
};

/** Has one of our adapters keep customers, plans and subscriptions and charge cards, as the service does. */
export class BillingDriver {
  private calls = 0;

  /** @param token a new one of a card that pays */
  constructor(
    readonly provider: BillingProvider,
    private readonly token: () => Promise<string>,
  ) {}

  /** All that is done with a customer and its cards, once more in doubt, and in vain. */
  async keepCustomer(): Promise<void> {
    const { customers } = this.provider;
    const providerCustomerId = await this.customer();
    await this.customer({ sentBefore: daysAgo(3) });
    const contact = { name: 'Ada Byron', email: 'ada@otra.example', phone: '+525587654321' };
    await this.run(customers, {
      kind: 'update_customer',
      providerCustomerId,
      ...contact,
      metadata: { tier: 'silver' },
    });
    const adding = { kind: 'add_card', providerCustomerId, token: await this.token() } as const;
    const { madeId: providerSourceId = '' } = await this.run(customers, { ...adding, makeDefault: true });
    await refused(this.run(customers, { ...adding, token: 'tok_nothing', makeDefault: false }));
    await this.run(customers, { kind: 'set_default_card', providerCustomerId, providerSourceId });
    await this.run(customers, { kind: 'remove_card', providerCustomerId, providerSourceId });
    await refused(this.run(customers, { kind: 'set_default_card', providerCustomerId, providerSourceId }));
    await this.run(customers, { kind: 'delete_customer', providerCustomerId });
    await customers.retrieve(providerCustomerId);
  }

  /** The form for a card of a customer, and one for nobody's. */
  async openCardForms(): Promise<void> {
    const { cardSetups } = this.provider;
    for (const providerCustomerId of [await this.customer(), undefined]) {
      const request = cardSetups.request({
        setupId: 'setup-1',
        providerCustomerId,
        returnUrl: 'https://payments.example/cards',
        locale: 'es-MX',
      });
      const { providerSetupId } = valueOf(await cardSetups.create(this.recorded(request)));
      await cardSetups.tokenOf(providerSetupId);
    }
  }

  /** All that is done with a plan. @param more terms that the provider has beside the usual ones */
  async keepPlan(more: Partial<PlanTerms> = {}): Promise<void> {
    const { plans } = this.provider;
    const terms = { ...MONTHLY, trialDays: 7, expiryCount: 12, ...more };
    await this.plan(MONTHLY, daysAgo(3));
    const providerPlanId = await this.plan(terms);
    const renamed = {
      ...terms,
      name: 'Platinum',
      money: { amount: 29_900n, currency: 'MXN' },
      expiryCount: 24,
    };
    const update = {
      kind: 'update_plan',
      planId: 'gold',
      target: { providerPlanId },
      terms: renamed,
    } as const;
    for (const changed of [['name'], ['expiryCount'], ['name', 'money']] as const)
      await this.run(plans, { ...update, changed });
    await this.run(plans, { kind: 'delete_plan', target: { providerPlanId } });
    await plans.retrieve(providerPlanId);
    await plans.retrieve('plan_nothing');
  }

  /** A customer and a plan, and the one subscribed to the other. */
  async subscribe(terms: PlanTerms = MONTHLY, trialEnd?: Date): Promise<Subscriber> {
    const providerCustomerId = await this.customer();
    const { cards } = await this.provider.customers.retrieve(providerCustomerId);
    const cardId = cards[0]?.providerSourceId ?? '';
    const command = {
      kind: 'create_subscription',
      subscriptionId: 'subscription-1',
      providerCustomerId,
      providerPlanId: await this.plan(terms),
      terms,
      providerSourceId: cardId,
      trialEnd,
      metadata: { channel: 'web' },
      now: new Date(),
    } as const;
    const { madeId: providerSubscriptionId = '' } = await this.run(this.provider.subscriptions, command);
    return { cardId, target: { providerCustomerId, providerSubscriptionId } };
  }

  /** A subscription that was asked for days ago and never came. */
  async subscribeInDoubt(): Promise<void> {
    const command = {
      kind: 'create_subscription',
      subscriptionId: 'subscription-2',
      providerCustomerId: await this.customer(),
      providerPlanId: await this.plan(MONTHLY),
      terms: MONTHLY,
      metadata: {},
      now: new Date(),
    } as const;
    await this.run(this.provider.subscriptions, command, daysAgo(3)).catch(() => undefined);
  }

  async change(change: Change): Promise<void> {
    await this.run(this.provider.subscriptions, change);
  }

  /** To a plan of another price. */
  async changePlan({ target }: Subscriber, timing: PlanChangeTiming): Promise<void> {
    const terms = { ...MONTHLY, name: 'Silver', money: { amount: 29_900n, currency: 'MXN' }, expiryCount: 3 };
    const providerPlanId = await this.plan(terms);
    await this.change({ kind: 'change_plan', target, present: MONTHLY, providerPlanId, terms, timing });
  }

  /** To another card of the customer. */
  async changeCard({ target }: Subscriber): Promise<void> {
    const { providerCustomerId } = target;
    const adding = {
      kind: 'add_card',
      providerCustomerId,
      token: await this.token(),
      makeDefault: false,
    } as const;
    const { madeId: providerSourceId = '' } = await this.run(this.provider.customers, adding);
    await this.change({ kind: 'change_card', target, providerSourceId });
  }

  look({ target }: Subscriber): Promise<SubscriptionFact> {
    return this.provider.subscriptions.retrieve({
      kind: 'subscription',
      ...target,
      periodIds: [],
      trialEnding: false,
      since: new Date('2026-01-01T00:00:00Z'),
    });
  }

  /** Two tickets at 120.00 MXN, then looked for. */
  async charge(changes: Partial<ChargeInput> = {}): Promise<ChargeResult> {
    const { charges } = this.provider;
    const request = charges.request({
      paymentId: 'payment-1',
      orderId: 'order-1',
      money: { amount: 24_000n, currency: 'MXN' },
      items: [{ name: 'Ticket', unitAmount: 12_000n, quantity: 2 }],
      customer: { name: 'Ada Lovelace', email: 'ada@example.com', phone: '+525512345678' },
      capture: 'automatic',
      buyerPresent: true,
      returnUrl: 'https://payments.example/return',
      metadata: { channel: 'web' },
      ...changes,
      card: changes.card ?? { kind: 'token', token: await this.token() },
    });
    const call = this.recorded(request);
    const result = valueOf(await charges.send(call));
    if ((await charges.find({ ...call, sentBefore: new Date() })) === undefined)
      throw new Error('a charge was not found again');
    return result;
  }

  /** With a card that pays. @returns the provider's id */
  async customer({ sentBefore }: { sentBefore?: Date } = {}): Promise<string> {
    const command = {
      kind: 'create_customer',
      customerId: 'customer-1',
      name: 'Ada Lovelace',
      email: 'ada@example.com',
      phone: '+525512345678',
      metadata: { tier: 'gold' },
      token: await this.token(),
    } as const;
    return (await this.run(this.provider.customers, command, sentBefore)).madeId ?? '';
  }

  private async plan(terms: PlanTerms, sentBefore?: Date): Promise<string> {
    const command = { kind: 'create_plan', planId: `plan-${this.calls}`, terms } as const;
    return (await this.run(this.provider.plans, command, sentBefore)).madeId ?? '';
  }

  private async run<C extends { kind: string }>(
    port: Commands<C>,
    command: C,
    sentBefore?: Date,
  ): Promise<CommandResult> {
    return valueOf(await port.run(command.kind, { ...this.recorded(port.request(command)), sentBefore }));
  }

  /** As a database keeps it. */
  private recorded(request: ProviderCall['request']): ProviderCall {
    const kept: ProviderCall['request'] = JSON.parse(JSON.stringify(request));
    this.calls += 1;
    return { operationId: `billing-${this.calls}`, request: kept };
  }
}

function valueOf<T>(outcome: Outcome<T>): T {
  if (!outcome.known) throw outcome.error;
  return outcome.value;
}

async function refused(call: Promise<unknown>): Promise<void> {
  const accepted = await call.then(
    () => true,
    () => false,
  );
  if (accepted) throw new Error('what should have been refused was done');
}

function daysAgo(days: number): Date {
  return new Date(Date.now() - days * DAY_MS);
}
