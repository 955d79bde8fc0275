import type Stripe from 'stripe';
import { ServiceError } from '../../kernel/errors.js';
import type { SessionInput } from '../provider.port.js';
import { stripeLocale } from './stripe.locales.js';
import { lineItems } from './stripe.session.items.js';
import { assertAmount, assertMetadata, expiresAt } from './stripe.session.limits.js';
import { needsCustomer, paymentMethodParams } from './stripe.session.methods.js';

/** What is sent to Stripe: the session and, before it, the customer whom bank transfers belong to. */
export type SessionPlan = {
  session: Stripe.Checkout.SessionCreateParams;
  customer?: Stripe.CustomerCreateParams;
};

/**
 * The exact parameters of a hosted checkout page. Pure.
 * @throws ServiceError naming the field for what Stripe cannot do.
 */
export function planSession(input: SessionInput): SessionPlan {
  if (input.ui === 'embedded') throw embeddedIsNotOffered();
  assertAmount(input);
  assertMetadata(input.metadata);
  const metadata = { ...input.metadata, orderId: input.orderId, paymentId: input.paymentId };
  const withCustomer = needsCustomer(input);
  const session: Stripe.Checkout.SessionCreateParams = {
    mode: 'payment',
    ui_mode: 'hosted_page',
    client_reference_id: input.orderId,
    line_items: lineItems(input),
    metadata,
    // Neither the payment intent nor its charge inherits the session's metadata.
    payment_intent_data: { metadata, ...(input.capture === 'manual' && { capture_method: 'manual' }) },
    success_url: input.successUrl,
    cancel_url: input.cancelUrl,
    ...paymentMethodParams(input),
    ...(input.expiresIn !== undefined && { expires_at: expiresAt(input.expiresIn, input.now) }),
    ...(input.locale !== undefined && { locale: stripeLocale(input.locale) }),
    // Stripe takes either an e-mail address or a customer.
    ...(!withCustomer && input.customer?.email !== undefined && { customer_email: input.customer.email }),
  };
  return withCustomer ? { session, customer: customerParams(input, metadata) } : { session };
}

function customerParams(input: SessionInput, metadata: Record<string, string>): Stripe.CustomerCreateParams {
  const { name, email, phone } = input.customer ?? {};
  return {
    metadata,
    ...(name !== undefined && { name }),
    ...(email !== undefined && { email }),
    ...(phone !== undefined && { phone }),
  };
}

function embeddedIsNotOffered(): ServiceError {
  const rule = 'must be hosted at Stripe';
  return new ServiceError('capability_not_supported', `ui ${rule}`, [{ field: 'ui', rule }]);
}
