import { randomUUID } from 'node:crypto';
import type {
  BillingFact,
  CustomerFact,
  PlanFact,
  PlanTerms,
  SubscriptionFact,
} from '../../src/providers/billing.facts.js';
import type {
  CardSetupsPort,
  CommandResult,
  Commands,
  CustomersPort,
  PlansPort,
  SubscriptionCommand,
  SubscriptionsPort,
  SubscriptionTarget,
} from '../../src/providers/billing.ports.js';
import type { ChargeInput, ChargesPort } from '../../src/providers/payment.ports.js';
import type { ProviderCall } from '../../src/providers/provider.calls.js';
import { can, type PaymentProvider } from '../../src/providers/provider.port.js';
import { known } from '../support/stripe/adapter.bed.js';
import { openStage, type ProviderStage, type StageName } from './provider.stage.js';

export const DAY_S = 86_400;

/** A year in which a month lacks the day on which subscriptions begin. */
const NEW_YEAR = new Date('2026-01-31T12:00:00Z');

/** 199 pesos a month. */
export const MONTHLY: PlanTerms = {
  name: 'Oro',
  money: { amount: 19_900n, currency: 'MXN' },
  interval: 'month',
  frequency: 1,
  trialDays: 0,
};

type Creation = Extract<SubscriptionCommand, { kind: 'create_subscription' }>;

export interface Subscriber {
  target: SubscriptionTarget;
  cardId: string;
  providerPlanId: string;
}

/** Has an adapter do what the service has it do: a request is made, recorded, run, and run again when in doubt. */
export class BillingBench {
  private constructor(
    readonly stage: ProviderStage,
    readonly customers: CustomersPort,
    readonly plans: PlansPort,
    readonly subscriptions: SubscriptionsPort,
    readonly charges: ChargesPort,
    readonly cardSetups: CardSetupsPort,
  ) {}

  static async open(name: StageName): Promise<BillingBench> {
    const stage = await openStage(name, { at: NEW_YEAR });
    const { provider } = stage;
    if (!can(provider, 'customers') || !can(provider, 'plans') || !can(provider, 'subscriptions'))
      throw lacking(name);
    if (!can(provider, 'charges') || !can(provider, 'cardSetups')) throw lacking(name);
    const { customers, plans, subscriptions, charges, cardSetups } = provider;
    return new BillingBench(stage, customers, plans, subscriptions, charges, cardSetups);
  }

  get provider(): PaymentProvider {
    return this.stage.provider;
  }

  close(): Promise<void> {
    return this.stage.close();
  }

  /** As it is recorded: the request comes back from a database. */
  recorded(request: ProviderCall['request']): ProviderCall {
    const kept: ProviderCall['request'] = JSON.parse(JSON.stringify(request));
    return { operationId: randomUUID(), request: kept };
  }

  async run<C extends { kind: string }>(port: Commands<C>, command: C): Promise<CommandResult> {
    return known(await port.run(command.kind, this.recorded(port.request(command))));
  }

  /**
   * The answer is lost; then the same operation is run again, at once and two days later, when keys are forgotten.
   * @returns what each of the two told
   */
  async runInDoubt<C extends { kind: string }>(
    port: Commands<C>,
    command: C,
    path: string,
  ): Promise<CommandResult[]> {
    const call = this.recorded(port.request(command));
    await this.losing(path, async () => {
      const { known: isKnown } = await port.run(command.kind, call);
      if (isKnown) throw new Error('no answer was lost');
    });
    const again = { ...call, sentBefore: this.stage.clock.now() };
    const soon = known(await port.run(command.kind, again));
    await this.stage.advance(2 * DAY_S);
    return [soon, known(await port.run(command.kind, again))];
  }

  /** @param path of the POST that acts and is not answered, however often the adapter tries */
  async losing(path: string, act: () => Promise<void>): Promise<void> {
    const { faults } = this.stage;
    faults.add({ kind: 'reset_after_acting', method: 'POST', path, exact: true, count: 0 });
    try {
      await act();
    } finally {
      faults.clear();
    }
  }

  /** A customer with a card that pays, which is the default one. */
  async customer(): Promise<CustomerFact> {
    const token = await this.stage.token('pays');
    return only(await this.run(this.customers, newCustomer({ token })), 'customer');
  }

  async plan(terms: PlanTerms): Promise<PlanFact> {
    const command = { kind: 'create_plan', planId: `plan-${randomUUID()}`, terms } as const;
    return only(await this.run(this.plans, command), 'plan');
  }

  /** A customer and a plan, and the command that subscribes the one to the other. */
  async creation(
    terms: PlanTerms = MONTHLY,
    changes: Partial<Creation> = {},
  ): Promise<Creation & Subscriber> {
    const { providerCustomerId, cards } = await this.customer();
    const { providerPlanId } = await this.plan(terms);
    return {
      kind: 'create_subscription',
      subscriptionId: randomUUID(),
      providerCustomerId,
      providerPlanId,
      terms,
      metadata: {},
      now: this.stage.clock.now(),
      ...changes,
      cardId: cards[0]?.providerSourceId ?? '',
      target: { providerCustomerId, providerSubscriptionId: '' },
    };
  }

  async subscriber(terms: PlanTerms = MONTHLY, changes: Partial<Creation> = {}): Promise<Subscriber> {
    const { cardId, target, ...command } = await this.creation(terms, changes);
    const { madeId = '' } = await this.run(this.subscriptions, command);
    return {
      cardId,
      target: { ...target, providerSubscriptionId: madeId },
      providerPlanId: command.providerPlanId,
    };
  }

  look({ target }: Subscriber, periodIds: readonly string[] = []): Promise<SubscriptionFact> {
    return this.subscriptions.retrieve({ kind: 'subscription', ...target, periodIds, trialEnding: false });
  }

  /** @param day such as 2026-02-28; what is due by its end has happened */
  async until(day: string): Promise<void> {
    const end = Date.parse(`${day}T23:59:00Z`);
    await this.stage.advance((end - this.stage.clock.now().getTime()) / 1000);
  }

  /** Two cinema tickets for 240 pesos, paid by a token that is charged without more ado. */
  async chargeInput(changes: Partial<ChargeInput> = {}): Promise<ChargeInput> {
    const card = changes.card ?? { kind: 'token', token: await this.stage.token('pays') };
    return {
      paymentId: randomUUID(),
      orderId: randomUUID(),
      money: { amount: 24_000n, currency: 'MXN' },
      items: [{ name: 'Boleto', unitAmount: 12_000n, quantity: 2 }],
      customer: { name: 'Ana Pérez', email: 'ana@example.com', phone: '+525512345678' },
      capture: 'automatic',
      buyerPresent: true,
      returnUrl: 'https://payments.example/return',
      metadata: { channel: 'box-office' },
      locale: 'es',
      ...changes,
      card,
    };
  }
}

/** A command that makes Ana a customer. */
export function newCustomer(changes: { token?: string; customerId?: string } = {}) {
  return {
    kind: 'create_customer',
    customerId: randomUUID(),
    name: 'Ana Pérez',
    email: 'ana@example.com',
    phone: '+525512345678',
    metadata: { tier: 'gold' },
    ...changes,
  } as const;
}

/** The one fact of its kind that a command told. */
export function only<K extends BillingFact['kind']>(
  { facts }: CommandResult,
  kind: K,
): Extract<BillingFact, { kind: K }> {
  const isOfKind = (fact: BillingFact): fact is Extract<BillingFact, { kind: K }> => fact.kind === kind;
  const [fact, ...more] = facts.filter(isOfKind);
  if (fact === undefined || more.length > 0) throw new Error(`not one ${kind} was told`);
  return fact;
}

function lacking(name: string): Error {
  return new Error(`${name} lacks a part of the port's optional half`);
}
