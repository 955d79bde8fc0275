import { passesLuhn } from '../luhn.js';
import { invalid, type Words } from './conekta.errors.js';

/** Why a card was refused; `code` is the charge's `failure_code`. */
export interface CardFailure {
  code: string;
  message: Words;
}

export interface TestCard {
  brand: 'visa' | 'mastercard' | 'amex';
  last4: string;
  /** The first eight digits. */
  bin: string;
  country: string;
  /** `fails_installments` pays at once, and is refused when it is asked to pay by months. */
  plays: 'pays' | 'declines' | 'asks' | 'fails_installments';
  failure?: CardFailure;
  /** No token is made of it. Cards that only their bank declines are kept like others. */
  untokenizable?: boolean;
}

const DECLINED: CardFailure = {
  code: 'card_declined',
  message: {
    es: 'Tu banco rechazó la tarjeta. Prueba con otra o comunícate con tu banco.',
    en: 'Your bank refused the card. Try another one or ask your bank.',
  },
};

const NO_FUNDS: CardFailure = {
  code: 'insufficient_funds',
  message: {
    es: 'La tarjeta no tiene fondos suficientes.',
    en: 'The card does not have enough funds.',
  },
};

/** What the bank says to a card that cannot pay by months. */
export const NO_INSTALLMENTS: CardFailure = {
  code: 'msi_error',
  message: {
    es: 'Esta tarjeta no permite pagar a meses sin intereses.',
    en: 'This card cannot pay in monthly installments.',
  },
};

const EXPIRED: CardFailure = {
  code: 'expired_card',
  message: { es: 'La tarjeta está vencida.', en: 'The card has expired.' },
};

const BLOCKED: CardFailure = {
  code: 'card_blocked',
  message: {
    es: 'La tarjeta está bloqueada. Usa otra.',
    en: 'The card is blocked. Use another one.',
  },
};

const REAL_CARD: CardFailure = {
  code: 'test_mode_live_card',
  message: {
    es: 'Aquí solo se aceptan tarjetas de prueba.',
    en: 'Only test cards are taken here.',
  },
};

/** What the issuer says when the customer did not confirm. */
export const NOT_CONFIRMED: CardFailure = {
  code: 'three_ds_authentication_failed',
  message: {
    es: 'El banco no pudo confirmar que eres el titular de la tarjeta.',
    en: 'The bank could not confirm that the card is yours.',
  },
};

type Play = Pick<TestCard, 'brand' | 'plays' | 'failure' | 'untokenizable'>;

const CARDS: Record<string, Play> = {
  '4242424242424242': { brand: 'visa', plays: 'pays' },
  '5555555555554444': { brand: 'mastercard', plays: 'pays' },
  '371449635398431': { brand: 'amex', plays: 'pays' },
  '378282246310005': { brand: 'amex', plays: 'pays' },
  '4000000000000002': { brand: 'visa', plays: 'declines', failure: DECLINED },
  '4000000000009995': { brand: 'visa', plays: 'declines', failure: NO_FUNDS },
  '4000000000000127': { brand: 'visa', plays: 'declines', failure: NO_FUNDS },
  '4000000000000119': { brand: 'visa', plays: 'fails_installments' },
  '4000000000000069': { brand: 'visa', plays: 'declines', failure: EXPIRED, untokenizable: true },
  '4000002500003155': { brand: 'visa', plays: 'asks' },
};

/** The ready-made tokens; unlike others they may be used again and again. */
const TOKENS: Record<string, string> = {
  tok_test_visa_4242: '4242424242424242',
  tok_test_mastercard_4444: '5555555555554444',
  tok_test_amex_8431: '371449635398431',
  tok_test_card_declined: '4000000000000002',
  tok_test_insufficient_funds: '4000000000000127',
  tok_test_msi_error: '4000000000000119',
};

export const DEFAULT_CARD = '4242424242424242';

/** The refusal that has this code, in the words of a plain one where the sandbox has no own. */
export function failureByCode(code: string): CardFailure {
  const known = [DECLINED, NO_FUNDS, NO_INSTALLMENTS, EXPIRED, BLOCKED, NOT_CONFIRMED];
  return known.find((failure) => failure.code === code) ?? { ...DECLINED, code };
}

/** The card behind a number as typed, spaces allowed. Throws 422; real numbers are declined. */
export function cardByNumber(typed: string, param = 'card.number'): TestCard {
  const digits = typed.replaceAll(/[\s-]/g, '');
  if (!/^\d{13,19}$/.test(digits) || !passesLuhn(digits)) {
    throw invalid(param, 'invalid_number', {
      es: 'El número de la tarjeta no es válido.',
      en: 'The number of the card is not valid.',
    });
  }
  const play: Play = CARDS[digits] ?? {
    brand: brandOf(digits),
    plays: 'declines',
    failure: REAL_CARD,
    untokenizable: true,
  };
  return { ...play, last4: digits.slice(-4), bin: digits.slice(0, 8), country: 'MX' };
}

/** The card behind a ready-made token, or undefined. */
export function cardByTestToken(token: string): TestCard | undefined {
  const number = TOKENS[token];
  return number === undefined ? undefined : cardByNumber(number);
}

function brandOf(digits: string): TestCard['brand'] {
  if (digits.startsWith('5') || digits.startsWith('2')) return 'mastercard';
  return digits.startsWith('3') ? 'amex' : 'visa';
}
