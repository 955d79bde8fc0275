import type { Answer, Serving } from './calls.js';
import type { World } from './world.js';

export const DAY_S = 86_400;
export const HOUR_S = 3_600;

/** The card on which every month is paid, and the one whose bank says no at once. */
const GOOD = '4242424242424242';

export interface CustomerBody {
  readonly customerId: string;
  readonly defaultPaymentSourceId: string | null;
  readonly paymentSources: readonly {
    paymentSourceId: string;
    last4: string | null;
    brand: string | null;
    default: boolean;
  }[];
  readonly providerIds: Readonly<Record<string, string>>;
  readonly subscription?: SubscriptionBody | null;
}

export interface SubscriptionBody {
  readonly subscriptionId: string;
  readonly customerId: string;
  readonly planId: string;
  readonly nextPlanId: string | null;
  readonly status: string;
  readonly cancelReason: string | null;
  readonly trialEnd: string | null;
  readonly paymentSourceId: string | null;
  readonly currentPeriodEnd: string | null;
  readonly failedAttempts: number;
  readonly nextAttemptAt: string | null;
  readonly hostedInvoiceUrl: string | null;
  readonly version: number;
  readonly providerIds: { subscription: string | null; customer: string | null };
  readonly periods?: readonly { paymentId: string; paidAt: string | null; amount: number }[];
}

export interface TokenBody {
  readonly setupId: string;
  readonly url: string;
  readonly checkoutId: string | null;
  readonly token: string | null;
  readonly clientSecret: string | null;
}

export async function send<Body>(
  { url }: Serving,
  method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE',
  path: string,
  body?: object,
  headers: Record<string, string> = {},
): Promise<Answer<Body>> {
  const response = await fetch(`${url}${path}`, {
    method,
    headers: body === undefined ? headers : { 'content-type': 'application/json', ...headers },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(60_000),
  });
  const text = await response.text();
  const parsed: Body = text === '' ? undefined : JSON.parse(text);
  return { status: response.status, body: parsed };
}

/** What the two providers do differently where a customer of the shop sees no difference. */
export interface BillingStage {
  readonly name: 'stripe' | 'conekta';
  /** The customer fills the provider's form in; resolves to the token where the browser gets it. */
  fillIn(setup: TokenBody): Promise<string | undefined>;
  /** A token of another form than ours. */
  newToken(): string;
  /** What the bank says to the customer's saved card from now on; null: it pays again. */
  setCardOutcome(customer: CustomerBody, code: string | null): Promise<void>;
  /** Moves the provider's clock; whatever is due happens. */
  advance(seconds: number): Promise<void>;
  /** Everything that the provider has to tell has arrived. */
  settled(): Promise<void>;
  /** The provider's own word for how each of its subscriptions stands, by its id. */
  statuses(): Readonly<Record<string, string>>;
  /** Somebody pauses or cancels it in the provider's panel. */
  inPanel(subscription: SubscriptionBody, act: 'pause' | 'cancel'): Promise<void>;
}

export function billingStage(world: World, name: BillingStage['name']): BillingStage {
  return name === 'stripe' ? stripeStage(world) : conektaStage(world);
}

function conektaStage(world: World): BillingStage {
  const { conekta } = world;
  const card = { number: GOOD, name: 'Ana Pérez' };
  return {
    name: 'conekta',
    fillIn: ({ checkoutId }) => Promise.resolve(conekta.acts.createToken(card, checkoutId ?? undefined).id),
    newToken: () => conekta.acts.createToken(card).id,
    setCardOutcome: async ({ providerIds }, code) => {
      const theirs = conekta.state().sources.filter((one) => one.parent_id === providerIds.conekta);
      for (const { id } of theirs) await conekta.setCardOutcome(id, code);
    },
    advance: (seconds) => conekta.advance(seconds),
    settled: () => conekta.delivery.settled(),
    statuses: () => Object.fromEntries(conekta.state().subscriptions.map(({ id, status }) => [id, status])),
    inPanel: async ({ providerIds }, act) => {
      const id = providerIds.subscription ?? '';
      if (act === 'pause') await conekta.panel.pauseSubscription(id);
      else await conekta.panel.cancelSubscription(id);
    },
  };
}

function stripeStage(world: World): BillingStage {
  const { stripe } = world;
  return {
    name: 'stripe',
    fillIn: async ({ setupId }) => {
      const session = stripe.state().sessions.find(({ metadata }) => metadata?.setupId === setupId);
      await stripe.saveCard(session?.id ?? '', { number: GOOD });
      return undefined;
    },
    newToken: () => 'pm_card_visa',
    setCardOutcome: async ({ providerIds }, code) => {
      const theirs = stripe.state().paymentMethods.filter((one) => one.customer === providerIds.stripe);
      for (const { id } of theirs) await stripe.setCardOutcome(id, code);
    },
    advance: (seconds) => stripe.advance(seconds),
    settled: () => stripe.delivery.settled(),
    statuses: () => Object.fromEntries(stripe.state().subscriptions.map(({ id, status }) => [id, status])),
    inPanel: async ({ providerIds }, act) => {
      const id = providerIds.subscription ?? '';
      if (act === 'pause') await stripe.panel.pauseSubscription(id);
      else await stripe.panel.cancelSubscription(id);
    },
  };
}
