import type Stripe from 'stripe';
import type { SessionInput, ThreeDsMode } from '../../provider.port.js';
import { assertInstallments } from '../../session.port.js';
import { unsupported } from '../../provider.errors.js';

type CardOptions = Stripe.Checkout.SessionCreateParams.PaymentMethodOptions.Card;

/** The plans that Mexican banks offer through Stripe, in months. */
export const INSTALLMENT_MONTHS = new Set([3, 6, 9, 12, 18, 24]);

/** By default Stripe asks where it sees a risk or a law; it cannot be told to look at no risk. */
const THREE_D_SECURE: Record<ThreeDsMode, 'automatic' | 'any' | undefined> = {
  smart: 'automatic',
  strict: 'any',
  not_strict: undefined,
};

/**
 * What is wished of cards.
 * @param offersCard whether the session takes any.
 * @throws ServiceError capability_not_supported naming the field.
 */
export function cardOptions(input: SessionInput, offersCard: boolean): CardOptions {
  const assertCard = (field: string): void => {
    if (!offersCard) throw unsupported(field, 'needs card among paymentMethods');
  };
  const options: CardOptions = {};
  if (input.installments.length > 0) {
    assertInstallments(input, INSTALLMENT_MONTHS, 'Stripe');
    assertCard('installments');
    // Stripe offers what the customer's bank offers: the months cannot be chosen, only whether there are any.
    options.installments = { enabled: true };
  }
  if (input.onDemand) {
    assertCard('onDemand');
    // For cards alone: for the whole payment it would rule out every method that cannot be kept.
    options.setup_future_usage = 'off_session';
  }
  if (input.threeDs !== undefined) {
    assertCard('threeDs');
    options.request_three_d_secure = threeDSecure(input.threeDs);
  }
  return options;
}

/** @throws ServiceError capability_not_supported naming `threeDs`. */
export function threeDSecure(mode: ThreeDsMode): 'automatic' | 'any' {
  const wish = THREE_D_SECURE[mode];
  if (wish === undefined) throw unsupported('threeDs', `${mode} is not available at Stripe`);
  return wish;
}
