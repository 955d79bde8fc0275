import type Stripe from 'stripe';
import type { StripeSandbox } from '../../../sandbox/stripe/stripe.sandbox.js';

export const seconds = (iso: string): number => Date.parse(iso) / 1000;

/** A customer with a saved card, and a price. */
export interface Subscriber {
  customer: string;
  method: string;
  price: string;
}

export async function newSubscriber(
  stripe: Stripe,
  recurring: Stripe.PriceCreateParams.Recurring = { interval: 'month' },
): Promise<Subscriber> {
  const customer = await stripe.customers.create({ email: 'ana@example.com', name: 'Ana' });
  const { id: method } = await stripe.paymentMethods.attach('pm_card_visa', { customer: customer.id });
  await stripe.customers.update(customer.id, { invoice_settings: { default_payment_method: method } });
  const price = await newPrice(stripe, 19_900, recurring);
  return { customer: customer.id, method, price: price.id };
}

export function newPrice(
  stripe: Stripe,
  unitAmount: number,
  recurring: Stripe.PriceCreateParams.Recurring = { interval: 'month' },
): Promise<Stripe.Price> {
  const product_data = { name: 'Gold' };
  return stripe.prices.create({ currency: 'mxn', unit_amount: unitAmount, recurring, product_data });
}

/** What was said of subscriptions and invoices since an event, by name and day. */
export function billingEvents(sandbox: StripeSandbox, from = 0): string[] {
  return sandbox.events
    .slice(from)
    .filter(({ type }) => type.startsWith('customer.subscription') || type.startsWith('invoice'))
    .map(({ type, created }) => `${new Date(created * 1000).toISOString().slice(0, 10)} ${type}`);
}
