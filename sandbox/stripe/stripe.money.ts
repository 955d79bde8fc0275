import { badParameter, refused } from './stripe.errors.js';

// Stripe's own exponents: ISK and UGX are sent with two decimals although they have none.
const ZERO_DECIMAL = new Set('bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf'.split(' '));
const THREE_DECIMAL = new Set('bhd jod kwd omr tnd'.split(' '));
const TWO_ZEROES = new Set(['isk', 'ugx']);
const TWO_DECIMAL = new Set(
  (
    'aed afn all amd aoa ars aud awg azn bam bbd bdt bmd bnd bob brl bsd bwp byn bzd cad cdf chf ' +
    'cny cop crc cve czk dkk dop dzd egp etb eur fjd fkp gbp gel gip gmd gtq gyd hkd hnl htg huf idr ils ' +
    'inr isk jmd kes kgs khr kyd kzt lak lbp lkr lrd lsl mad mdl mkd mmk mnt mop mur mvr mwk mxn myr mzn ' +
    'nad ngn nio nok npr nzd pab pen pgk php pkr pln qar ron rsd rub sar sbd scr sek sgd shp sle sos srd ' +
    'std szl thb tjs top try ttd twd tzs uah ugx usd uyu uzs wst xcd xcg yer zar zmw'
  ).split(' '),
);

const MINIMUMS: Record<string, number> = {
  aed: 200,
  aud: 50,
  brl: 50,
  cad: 50,
  chf: 50,
  czk: 1500,
  dkk: 250,
  eur: 50,
  gbp: 30,
  hkd: 400,
  huf: 17500,
  inr: 50,
  jpy: 50,
  mxn: 1000,
  myr: 200,
  nok: 300,
  nzd: 50,
  pln: 200,
  ron: 200,
  sek: 300,
  sgd: 50,
  thb: 1000,
  usd: 50,
};
const MAXIMUM = 999_999_999_999;

/** OXXO vouchers go from MXN 10 to MXN 10,000. */
export const OXXO_RANGE = { min: 1_000, max: 1_000_000 };

/** The lower-case code, or Stripe's error for one that it does not know. */
export function readCurrency(value: string, param: string): string {
  const code = value.toLowerCase();
  if (ZERO_DECIMAL.has(code) || THREE_DECIMAL.has(code) || TWO_DECIMAL.has(code)) return code;
  throw badParameter(`Invalid currency: ${value.slice(0, 40)}. Stripe does not support it.`, param);
}

export function exponent(currency: string): number {
  if (ZERO_DECIMAL.has(currency)) return 0;
  return THREE_DECIMAL.has(currency) ? 3 : 2;
}

/** The least that Stripe charges, in minor units. */
export function leastCharge(currency: string): number {
  return MINIMUMS[currency] ?? 1;
}

/** Throws `amount_too_small`, `amount_too_large` or, for oddly counted currencies, `invalid_amount`. */
export function checkChargeable(amount: number, currency: string, param: string): void {
  const least = leastCharge(currency);
  if (amount < least) {
    const message = `The amount must add up to at least ${formatMoney(least, currency)}.`;
    throw refused(message, { code: 'amount_too_small', param, beforeRunning: true });
  }
  if (amount > MAXIMUM) {
    const message = `The amount must be no more than ${formatMoney(MAXIMUM, currency)}.`;
    throw refused(message, { code: 'amount_too_large', param, beforeRunning: true });
  }
  const step = TWO_ZEROES.has(currency) ? 100 : THREE_DECIMAL.has(currency) ? 10 : 1;
  if (amount % step !== 0) {
    const message = `Invalid amount: amounts in ${currency} must be a multiple of ${step}.`;
    throw refused(message, { param, beforeRunning: true });
  }
}

/** `formatMoney(39800, 'mxn')` → `MX$398.00`. */
export function formatMoney(amount: number, currency: string): string {
  const digits = exponent(currency);
  const format = new Intl.NumberFormat('en-US', {
    style: 'currency',
    currency: currency.toUpperCase(),
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  return format.format(amount / 10 ** digits);
}
