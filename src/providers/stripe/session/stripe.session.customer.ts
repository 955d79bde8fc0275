import type Stripe from 'stripe';
import type { SessionInput } from '../../provider.port.js';
import { assertPhone } from './stripe.session.limits.js';
import { needsCustomer } from './stripe.session.methods.js';

type Shipping = Stripe.Checkout.SessionCreateParams.PaymentIntentData.Shipping;

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

/**
 * The customer who is made before the session. Undefined where it needs none, or has one.
 * @throws ServiceError invalid_request naming `customer.phone`.
 */
export function customerParams(
  input: SessionInput,
  metadata: Record<string, string>,
): Stripe.CustomerCreateParams | undefined {
  if (input.customerId !== undefined || !needsCustomer(input)) return undefined;
  const { name, email, phone } = input.customer ?? {};
  assertPhone(phone, 'customer.phone');
  return {
    metadata,
    ...(name !== undefined && { name }),
    ...(email !== undefined && { email }),
    ...(phone !== undefined && { phone }),
  };
}

/** Where physical goods go. @throws ServiceError invalid_request naming `shippingContact.phone`. */
export function shippingParams({
  shippingContact,
}: Pick<SessionInput, 'shippingContact'>): Shipping | undefined {
  if (shippingContact === undefined) return undefined;
  const { receiver: name, phone, address } = shippingContact;
  assertPhone(phone, 'shippingContact.phone');
  const { street1, street2, postalCode, city, state, country } = address;
  return {
    name,
    phone,
    address: {
      line1: street1,
      ...(street2 !== undefined && { line2: street2 }),
      postal_code: postalCode,
      ...(city !== undefined && { city }),
      ...(state !== undefined && { state }),
      country,
    },
  };
}
