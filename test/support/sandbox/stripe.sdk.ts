import Stripe from 'stripe';
import type { StripeSandbox } from '../../../sandbox/stripe/stripe.sandbox.js';

export const ORDER_ID = 'f2b6c1de-5f1c-4a64-9a3e-2a8f5b1d9c11';

/** The real SDK, pointed at a sandbox. */
export function sdkFor(sandbox: StripeSandbox, config: Stripe.StripeConfig = {}): Stripe {
  const { hostname, port } = new URL(sandbox.url);
  return new Stripe('sk_test_sandbox', {
    host: hostname,
    port: Number(port),
    protocol: 'http',
    telemetry: false,
    ...config,
  });
}

/** Two keyboards, with the order's id in every place that matters. */
export function sessionParams(currency = 'usd', unitAmount = 1999): Stripe.Checkout.SessionCreateParams {
  return {
    mode: 'payment',
    client_reference_id: ORDER_ID,
    metadata: { orderId: ORDER_ID },
    payment_intent_data: { metadata: { orderId: ORDER_ID } },
    line_items: [
      { quantity: 2, price_data: { currency, unit_amount: unitAmount, product_data: { name: 'Teclado' } } },
    ],
    success_url: 'https://shop.example/ok?session={CHECKOUT_SESSION_ID}',
    cancel_url: 'https://shop.example/no',
  };
}
