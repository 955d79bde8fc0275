import type Stripe from 'stripe';
import type { SessionInput } from '../../provider.port.js';
import { needsCustomer } from './stripe.session.methods.js';

/**
 * Who pays, as far as the session is told. Stripe takes one of a customer, an e-mail address to begin with, and
 * the wish that a customer be made; a card can be kept for a customer only.
 */
export function payerParams(input: SessionInput): Stripe.Checkout.SessionCreateParams {
  if (input.customerId !== undefined) return { customer: input.customerId };
  if (needsCustomer(input)) return {};
  const email = input.customer?.email;
  return {
    ...(email !== undefined && { customer_email: email }),
    ...(input.onDemand && { customer_creation: 'always' }),
  };
}

/** The customer who is made before the session. Undefined where it needs none, or has one. */
export function customerParams(
  input: SessionInput,
  metadata: Record<string, string>,
): Stripe.CustomerCreateParams | undefined {
  if (input.customerId !== undefined || !needsCustomer(input)) return undefined;
  const { name, email, phone } = input.customer ?? {};
  return {
    metadata,
    ...(name !== undefined && { name }),
    ...(email !== undefined && { email }),
    ...(phone !== undefined && { phone }),
  };
}
