import type { Dunning } from './billing.types.js';
import type {
  Charge,
  Coupon,
  Customer,
  Dispute,
  Intent,
  Invoice,
  InvoicePayment,
  PaymentMethod,
  Price,
  Product,
  Refund,
  Session,
  SetupIntent,
  Subscription,
  WebhookEndpoint,
} from './stripe.types.js';
import type { StripeWorld } from './stripe.world.js';

/** The provider's truth, oldest first. */
export interface SandboxState {
  /** Seconds since the epoch on the sandbox's clock. */
  now: number;
  sessions: Session[];
  paymentIntents: Intent[];
  setupIntents: SetupIntent[];
  charges: Charge[];
  refunds: Refund[];
  disputes: Dispute[];
  customers: Customer[];
  paymentMethods: PaymentMethod[];
  products: Product[];
  prices: Price[];
  subscriptions: Subscription[];
  invoices: Invoice[];
  invoicePayments: InvoicePayment[];
  dunning: Dunning;
  coupons: Coupon[];
  webhookEndpoints: WebhookEndpoint[];
}

export function stateOf(world: StripeWorld): SandboxState {
  const { billing } = world;
  return structuredClone({
    now: world.clock.seconds(),
    sessions: [...world.sessions.values()].map(({ session }) => session),
    paymentIntents: [...world.intents.values()].map(({ intent }) => intent),
    setupIntents: [...world.setupIntents.values()].map(({ intent }) => intent),
    charges: [...world.charges.values()],
    refunds: [...world.refunds.values()],
    disputes: [...world.disputes.values()],
    customers: [...world.customers.values()],
    paymentMethods: [...world.paymentMethods.values()],
    products: [...billing.products.values()],
    prices: [...billing.prices.values()],
    subscriptions: [...billing.subscriptions.values()].map(({ subscription }) => subscription),
    invoices: [...billing.invoices.values()].map(({ invoice }) => invoice),
    invoicePayments: [...billing.invoicePayments.values()],
    dunning: billing.dunning,
    coupons: [...world.coupons.values()],
    webhookEndpoints: world.endpoints.all.map(({ endpoint }) => endpoint),
  });
}
