import type Stripe from 'stripe';
import type { ChargeInput } from '../../payment.ports.js';
import type { ProviderCall } from '../../provider.calls.js';
import { assertInstallments, given } from '../../request.rules.js';
import {
  amountAtStripe,
  assertAmount,
  assertMetadata,
  INSTALLMENT_MONTHS,
  threeDSecure,
} from '../stripe.limits.js';
import { shippingParams, shorten } from '../stripe.request.js';

type CardOptions = Stripe.PaymentIntentCreateParams.PaymentMethodOptions.Card;

/** Our keys in metadata: three ids and the operation's mark. */
const OURS = 4;
const MAX_DESCRIPTION = 500;

/** The exact request. Pure. @throws ServiceError naming the field for what Stripe cannot do. */
export function chargeRequest(input: ChargeInput, installationId?: string): ProviderCall['request'] {
  assertAmount(input);
  assertMetadata(input.metadata, OURS);
  const { card, providerCustomerId: customer, paymentId, orderId } = input;
  const options = cardOptions(input);
  const intent: Stripe.PaymentIntentCreateParams = {
    amount: amountAtStripe(input.money, 'items', 'add up to'),
    currency: input.money.currency.toLowerCase(),
    confirm: true,
    payment_method: card.kind === 'token' ? card.token : card.providerSourceId,
    // Cards need no page to come back to, unless the buyer is there.
    allowed_payment_method_types: ['card'],
    capture_method: input.capture,
    description: shorten(input.items.map(({ name }) => name).join(', '), MAX_DESCRIPTION),
    metadata: { ...input.metadata, paymentId, ...given({ orderId, installationId }) },
    ...(input.buyerPresent ? { return_url: input.returnUrl } : { off_session: true }),
    ...given({ customer, shipping: shippingParams(input.shippingContact) }),
    ...(Object.keys(options).length > 0 && { payment_method_options: { card: options } }),
  };
  // Stripe words declines in English; in Spanish the texts are ours.
  const isSpanish = input.locale?.toLowerCase().startsWith('es') === true;
  return { intent, ...(isSpanish && { language: 'es' }) };
}

function cardOptions({ money, installments: count, threeDs }: ChargeInput): CardOptions {
  if (count !== undefined) assertInstallments({ money, installments: [count] }, INSTALLMENT_MONTHS, 'Stripe');
  return {
    ...(count !== undefined && { installments: { plan: { type: 'fixed_count', interval: 'month', count } } }),
    ...(threeDs !== undefined && { request_three_d_secure: threeDSecure(threeDs) }),
  };
}
