import { passesLuhn } from '../luhn.js';
import { failureNamed, type CardFailure } from './card.failures.js';

/**
 * - `declines_later`: it can be saved, and is declined when it is charged.
 * - `asks`: the bank asks the customer, once if the card is set up for later.
 * - `always_asks`: it asks every time, also for a card that was set up.
 */
type Play = 'pays' | 'declines' | 'declines_later' | 'asks' | 'always_asks';

export interface TestCard {
  brand: string;
  last4: string;
  country: string;
  /** What happens when the card is charged. */
  plays: Play;
  failure?: CardFailure;
}

const DECLINED = failureNamed('generic_decline');
const NO_FUNDS = failureNamed('insufficient_funds');

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
    failure: failureNamed('expired_card'),
  },
  '4000000000000341': {
    brand: 'visa',
    last4: '0341',
    country: 'US',
    plays: 'declines_later',
    failure: DECLINED,
  },
  '4000002500003155': { brand: 'visa', last4: '3155', country: 'US', plays: 'asks' },
  '4000002760003184': { brand: 'visa', last4: '3184', country: 'US', plays: 'always_asks' },
};

/** The ready-made payment methods; whoever names one gets a new payment method of that card. */
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
  pm_card_chargeCustomerFail: '4000000000000341',
  pm_card_authenticationRequired: '4000002760003184',
  pm_card_authenticationRequiredOnSetup: '4000002500003155',
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
  const failure = failureNamed('test_mode_live_card');
  return { brand: 'visa', last4: digits.slice(-4), country: 'US', plays: 'declines', failure };
}
