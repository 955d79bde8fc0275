import { passesLuhn } from '../luhn.js';

/** Why a card was refused, in Stripe's words. */
export interface CardFailure {
  code: string;
  declineCode: string;
  message: string;
}

export interface TestCard {
  brand: string;
  last4: string;
  country: string;
  /** What happens when the card is charged. */
  plays: 'pays' | 'declines' | 'asks';
  failure?: CardFailure;
}

const DECLINED: CardFailure = {
  code: 'card_declined',
  declineCode: 'generic_decline',
  message: 'Your card was declined.',
};

const NO_FUNDS: CardFailure = {
  code: 'card_declined',
  declineCode: 'insufficient_funds',
  message: 'Your card has insufficient funds.',
};

/** Stripe's test numbers that this sandbox plays. */
const CARDS: Record<string, TestCard> = {
  '4242424242424242': { brand: 'visa', last4: '4242', country: 'US', plays: 'pays' },
  '5555555555554444': { brand: 'mastercard', last4: '4444', country: 'US', plays: 'pays' },
  '378282246310005': { brand: 'amex', last4: '0005', country: 'US', plays: 'pays' },
  '4000004840008001': { brand: 'visa', last4: '8001', country: 'MX', plays: 'pays' },
  '4000000000000002': { brand: 'visa', last4: '0002', country: 'US', plays: 'declines', failure: DECLINED },
  '4000000000009995': { brand: 'visa', last4: '9995', country: 'US', plays: 'declines', failure: NO_FUNDS },
  '4000000000000069': {
    brand: 'visa',
    last4: '0069',
    country: 'US',
    plays: 'declines',
    failure: { code: 'expired_card', declineCode: 'expired_card', message: 'Your card has expired.' },
  },
  '4000002500003155': { brand: 'visa', last4: '3155', country: 'US', plays: 'asks' },
};

/** The ready-made payment methods that direct payment intents take. */
const NAMED: Record<string, string> = {
  pm_card_visa: '4242424242424242',
  pm_card_mastercard: '5555555555554444',
  pm_card_amex: '378282246310005',
  pm_card_mx: '4000004840008001',
  pm_card_chargeDeclined: '4000000000000002',
  pm_card_visa_chargeDeclined: '4000000000000002',
  pm_card_chargeDeclinedInsufficientFunds: '4000000000009995',
  pm_card_visa_chargeDeclinedInsufficientFunds: '4000000000009995',
  pm_card_chargeDeclinedExpiredCard: '4000000000000069',
  pm_card_authenticationRequired: '4000002500003155',
};

export const DEFAULT_CARD = '4242424242424242';

/** What was typed is no card at all: Stripe's form says so and nothing is charged. */
export class InvalidCardNumber extends Error {}

/** The card behind a number as typed, spaces allowed. Real numbers are declined, as in Stripe's test mode. */
export function cardByNumber(typed: string): TestCard {
  const digits = typed.replaceAll(/[\s-]/g, '');
  if (!/^\d{12,19}$/.test(digits) || !passesLuhn(digits)) {
    throw new InvalidCardNumber('Your card number is invalid.');
  }
  return CARDS[digits] ?? liveCard(digits);
}

export function cardByName(id: string): TestCard | undefined {
  const number = NAMED[id];
  return number === undefined ? undefined : CARDS[number];
}

function liveCard(digits: string): TestCard {
  const failure: CardFailure = {
    code: 'card_declined',
    declineCode: 'test_mode_live_card',
    message: 'Your card was declined. Your request was in test mode, but used a non test card.',
  };
  return { brand: 'visa', last4: digits.slice(-4), country: 'US', plays: 'declines', failure };
}
