import type Stripe from 'stripe';
import { ServiceError } from '../../../kernel/errors.js';
import type { SessionInput } from '../../provider.port.js';
import { stripeLocale } from './stripe.locales.js';
import { couponParams } from './stripe.session.coupon.js';
import { customerParams, payerParams, shippingParams } from './stripe.session.customer.js';
import { lineItems } from './stripe.session.items.js';
import { assertAmount, assertMetadata, expiresAt } from './stripe.session.limits.js';
import { paymentMethodParams } from './stripe.session.methods.js';

type SessionParams = Stripe.Checkout.SessionCreateParams;

/** What is sent to Stripe: the session and, before it, what it needs. */
export type SessionPlan = {
  session: SessionParams;
  /** Whom bank transfers belong to. */
  customer?: Stripe.CustomerCreateParams;
  coupon?: Stripe.CouponCreateParams;
  /** Of an embedded session: our page that shows it, and the key that its browser needs. */
  payUrl?: string;
  publishableKey?: string;
};

/**
 * The exact parameters of a checkout page, Stripe's or one inside ours. Pure.
 * @param publishableKey without one nothing is embedded.
 * @param installationId ours, for the metadata.
 * @throws ServiceError naming the field for what Stripe cannot do.
 */
export function planSession(
  input: SessionInput,
  publishableKey?: string,
  installationId?: string,
): SessionPlan {
  assertAmount(input);
  assertMetadata(input.metadata);
  const metadata = {
    ...input.metadata,
    orderId: input.orderId,
    paymentId: input.paymentId,
    ...(installationId !== undefined && { installationId }),
  };
  const shipping = shippingParams(input);
  const session: SessionParams = {
    mode: 'payment',
    ...pageParams(input),
    client_reference_id: input.orderId,
    line_items: lineItems(input),
    metadata,
    // Neither the payment intent nor its charge inherits the session's metadata.
    payment_intent_data: {
      metadata,
      ...(input.capture === 'manual' && { capture_method: 'manual' }),
      ...(shipping && { shipping }),
    },
    ...paymentMethodParams(input),
    ...(input.expiresIn !== undefined && { expires_at: expiresAt(input.expiresIn, input.now) }),
    ...(input.locale !== undefined && { locale: stripeLocale(input.locale) }),
    ...payerParams(input),
  };
  const customer = customerParams(input, metadata);
  const coupon = couponParams(input, metadata);
  return {
    session,
    ...(customer && { customer }),
    ...(coupon && { coupon }),
    ...(input.ui === 'embedded' && embedding(input, publishableKey)),
  };
}

/** Stripe refuses each address with the page that it is not for. */
function pageParams({ ui, successUrl, cancelUrl, payUrl }: SessionInput): SessionParams {
  return ui === 'hosted'
    ? { ui_mode: 'hosted_page', success_url: successUrl, cancel_url: cancelUrl }
    : { ui_mode: 'embedded_page', return_url: `${payUrl}/return` };
}

function embedding({ payUrl }: SessionInput, publishableKey: string | undefined): Partial<SessionPlan> {
  if (publishableKey !== undefined) return { payUrl, publishableKey };
  const rule = 'must be hosted at Stripe: embedding needs STRIPE_PUBLISHABLE_KEY';
  throw new ServiceError('capability_not_supported', `ui ${rule}`, [{ field: 'ui', rule }]);
}
