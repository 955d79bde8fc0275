import type { Checkout, Customer, Order, Webhook, WebhookKey } from './conekta.types.js';
import type { ConektaWorld } from './conekta.world.js';

/** The provider's truth, oldest first. */
export interface SandboxState {
  /** Seconds since the epoch on the sandbox's clock. */
  now: number;
  orders: Order[];
  checkouts: Checkout[];
  customers: Customer[];
  webhooks: Webhook[];
  webhookKeys: WebhookKey[];
}

export function stateOf(world: ConektaWorld): SandboxState {
  return structuredClone({
    now: world.clock.seconds(),
    orders: [...world.orders.values()].map(({ order }) => order),
    checkouts: [...world.checkouts.values()].map(({ checkout }) => checkout),
    customers: [...world.customers.values()],
    webhooks: [...world.webhooks.values()],
    webhookKeys: world.keys.all,
  });
}
