import type Stripe from 'stripe';
import { invalidField } from '../../../kernel/errors.js';
import type { ChargeInput } from '../../direct.charges.js';
import { assertInstallments } from '../../session.port.js';
import type { ProviderCall } from '../../provider.port.js';
import { textLanguage } from './stripe.decline.texts.js';
import { toStripeAmount } from '../stripe.money.js';
import { INSTALLMENT_MONTHS, threeDSecure } from '../session/stripe.session.card.js';
import { shippingParams } from '../session/stripe.session.customer.js';
import { assertAmount, assertMetadata } from '../session/stripe.session.limits.js';
import { shorten } from '../stripe.text.js';

type CardOptions = Stripe.PaymentIntentCreateParams.PaymentMethodOptions.Card;

/** Keys of metadata that are ours: three ids and the mark of the operation. */
const OURS = 4;
const MAX_DESCRIPTION = 500;

/** The exact request. Pure. @throws ServiceError naming the field for what Stripe cannot do. */
export function planCharge(input: ChargeInput, installationId?: string): ProviderCall['request'] {
  assertAmount(input);
  assertMetadata(input.metadata, OURS);
  const amount = toStripeAmount(input.money);
  if (amount === undefined) {
    throw invalidField('items', `add up to more decimals than Stripe takes in ${input.money.currency}`);
  }
  const { card, providerCustomerId, orderId } = input;
  const options = cardOptions(input);
  const shipping = shippingParams(input);
  const intent: Stripe.PaymentIntentCreateParams = {
    amount: Number(amount),
    currency: input.money.currency.toLowerCase(),
    confirm: true,
    payment_method: card.kind === 'token' ? card.token : card.providerSourceId,
    ...(providerCustomerId !== undefined && { customer: providerCustomerId }),
    // Of cards none needs a page to come back to, unless the buyer is there.
    allowed_payment_method_types: ['card'],
    capture_method: input.capture,
    description: shorten(input.items.map(({ name }) => name).join(', '), MAX_DESCRIPTION),
    metadata: {
      ...input.metadata,
      ...(orderId !== undefined && { orderId }),
      paymentId: input.paymentId,
      ...(installationId !== undefined && { installationId }),
    },
    ...(input.buyerPresent ? { return_url: input.returnUrl } : { off_session: true }),
    ...(shipping && { shipping }),
    ...(Object.keys(options).length > 0 && { payment_method_options: { card: options } }),
  };
  const language = textLanguage(input.locale);
  return { intent, ...(language !== undefined && { language }) };
}

function cardOptions({ money, installments, threeDs }: ChargeInput): CardOptions {
  if (installments !== undefined) {
    assertInstallments({ money, installments: [installments] }, INSTALLMENT_MONTHS, 'Stripe');
  }
  return {
    ...(installments !== undefined && {
      installments: { plan: { type: 'fixed_count', interval: 'month', count: installments } },
    }),
    ...(threeDs !== undefined && { request_three_d_secure: threeDSecure(threeDs) }),
  };
}
