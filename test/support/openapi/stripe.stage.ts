import Stripe from 'stripe';
import { StripeProvider } from '../../../src/providers/stripe/stripe.provider.js';
import {
  DEFAULT_SECRET_KEY,
  DEFAULT_WEBHOOK_SECRET,
  startStripeSandbox,
  type StripeSandbox,
} from '../../../sandbox/stripe/stripe.sandbox.js';
import { AdapterDriver } from './adapter.driver.js';
import { BillingDriver } from './billing.driver.js';
import type { ObjectSchemas } from './event.faults.js';
import { RecordingProxy } from './recording.proxy.js';

export const STRIPE_SCHEMAS: ObjectSchemas = {
  'checkout.session': 'Checkout.Session',
  payment_intent: 'PaymentIntent',
  charge: 'Charge',
  refund: 'Refund',
  dispute: 'Dispute',
  customer: 'Customer',
  coupon: 'Coupon',
  payment_method: 'PaymentMethod',
  setup_intent: 'SetupIntent',
  product: 'Product',
  price: 'Price',
  subscription: 'Subscription',
  invoice: 'Invoice',
  invoice_payment: 'InvoicePayment',
};

/** Our adapter and Stripe's own SDK before a stand-in Stripe, with everything recorded that they say. */
export class StripeStage {
  readonly adapter: AdapterDriver;
  readonly billing: BillingDriver;
  readonly sdk: Stripe;

  private constructor(
    readonly sandbox: StripeSandbox,
    readonly proxy: RecordingProxy,
  ) {
    const provider = newStripeProvider(proxy.url);
    this.adapter = new AdapterDriver(provider);
    this.billing = new BillingDriver(provider, () => Promise.resolve('pm_card_visa'));
    const { hostname, port } = new URL(proxy.url);
    this.sdk = new Stripe(DEFAULT_SECRET_KEY, {
      host: hostname,
      port,
      protocol: 'http',
      telemetry: false,
      maxNetworkRetries: 0,
    });
  }

  static async start(): Promise<StripeStage> {
    const sandbox = await startStripeSandbox();
    return new StripeStage(sandbox, await RecordingProxy.start(sandbox.url));
  }

  async stop(): Promise<void> {
    await this.proxy.stop();
    await this.sandbox.close();
  }
}

export function newStripeProvider(apiBase: string): StripeProvider {
  return new StripeProvider({
    secretKey: DEFAULT_SECRET_KEY,
    webhookSecrets: [DEFAULT_WEBHOOK_SECRET],
    publishableKey: 'pk_test_sandbox',
    apiBase,
  });
}
