/** Why a card was refused, in Stripe's words. */
export interface CardFailure {
  code: string;
  /** Empty where no bank refused anything. */
  declineCode: string;
  message: string;
}

/** Reasons that are an error code of their own; every other one is a `card_declined`. */
const OWN_CODES: Record<string, string> = {
  authentication_required: 'Your card was declined. This transaction requires authentication.',
  expired_card: 'Your card has expired.',
  incorrect_cvc: "Your card's security code is incorrect.",
  processing_error: 'An error occurred while processing your card. Try again in a little bit.',
};

const MESSAGES: Record<string, string> = {
  insufficient_funds: 'Your card has insufficient funds.',
  card_not_supported: 'Your card does not support this type of purchase.',
  card_velocity_exceeded: 'Your card was declined for making repeated attempts too frequently.',
  test_mode_live_card: 'Your card was declined. Your request was in test mode, but used a non test card.',
};

/** The failure behind a decline code, `insufficient_funds` or any other of the documented ones. */
export function failureNamed(declineCode: string): CardFailure {
  const own = OWN_CODES[declineCode];
  if (own !== undefined) return { code: declineCode, declineCode, message: own };
  return { code: 'card_declined', declineCode, message: MESSAGES[declineCode] ?? 'Your card was declined.' };
}
