import type {
  Checkout,
  Customer,
  Order,
  PaymentSource,
  Plan,
  Subscription,
  Webhook,
  WebhookKey,
} from './conekta.types.js';
import type { ConektaWorld } from './conekta.world.js';

/** The provider's truth, oldest first. */
export interface SandboxState {
  /** Seconds since the epoch on the sandbox's clock. */
  now: number;
  orders: Order[];
  checkouts: Checkout[];
  customers: Customer[];
  sources: PaymentSource[];
  tokens: { id: string; used: boolean; hasCard: boolean }[];
  /** Without those that were deleted. */
  plans: Plan[];
  subscriptions: Subscription[];
  /** Requests to addresses that Conekta serves for old callers only. */
  deprecatedCalls: number;
  webhooks: Webhook[];
  webhookKeys: WebhookKey[];
}

export function stateOf(world: ConektaWorld): SandboxState {
  return structuredClone({
    now: world.clock.seconds(),
    orders: [...world.orders.values()].map(({ order }) => order),
    checkouts: [...world.checkouts.values()].map(({ checkout }) => checkout),
    customers: [...world.customers.values()],
    sources: [...world.sources.values()].map(({ source }) => source),
    tokens: [...world.tokens.values()].map(({ token: { id, used }, card }) => ({
      id,
      used,
      hasCard: card !== null,
    })),
    plans: [...world.plans.values()],
    subscriptions: [...world.subscriptions.values()].map(({ subscription }) => subscription),
    deprecatedCalls: world.deprecatedCalls,
    webhooks: [...world.webhooks.values()],
    webhookKeys: world.keys.all,
  });
}
