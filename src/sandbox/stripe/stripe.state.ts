import type {
  Charge,
  Coupon,
  Customer,
  Dispute,
  Intent,
  Refund,
  Session,
  WebhookEndpoint,
} from './stripe.types.js';
import type { StripeWorld } from './stripe.world.js';

/** The provider's truth, oldest first. */
export interface SandboxState {
  /** Seconds since the epoch on the sandbox's clock. */
  now: number;
  sessions: Session[];
  paymentIntents: Intent[];
  charges: Charge[];
  refunds: Refund[];
  disputes: Dispute[];
  customers: Customer[];
  coupons: Coupon[];
  webhookEndpoints: WebhookEndpoint[];
}

export function stateOf(world: StripeWorld): SandboxState {
  return structuredClone({
    now: world.clock.seconds(),
    sessions: [...world.sessions.values()].map(({ session }) => session),
    paymentIntents: [...world.intents.values()].map(({ intent }) => intent),
    charges: [...world.charges.values()],
    refunds: [...world.refunds.values()],
    disputes: [...world.disputes.values()],
    customers: [...world.customers.values()],
    coupons: [...world.coupons.values()],
    webhookEndpoints: world.endpoints.all.map(({ endpoint }) => endpoint),
  });
}
