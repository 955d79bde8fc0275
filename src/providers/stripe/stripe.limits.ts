import { invalidField, ServiceError } from '../../kernel/errors.js';
import { type Money, toMajorText } from '../../kernel/money.js';
import type { ThreeDsMode } from '../payment.ports.js';
import { unsupported } from '../provider.errors.js';
import { assertMetadataFits } from '../request.rules.js';
import { toStripeAmount } from './stripe.money.js';

/** Sessions live between 30 minutes and 24 hours. */
export const LIFETIME = { minimum: 30 * 60, maximum: 24 * 60 * 60, at: 'Stripe' };

const MAX_PHONE = 20;
const METADATA_KEYS = 50;

/** Months that Mexican banks offer through Stripe. */
export const INSTALLMENT_MONTHS = new Set([3, 6, 9, 12, 18, 24]);

/**
 * @param field that holds the amount; `items` for a sum.
 * @throws ServiceError currency_not_supported or amount_out_of_bounds naming the field.
 */
export function assertAmount({ money }: { money: Money }, field = 'items'): void {
  if (!STRIPE_CURRENCIES.has(money.currency)) {
    const rule = `${money.currency} is not available at Stripe`;
    throw new ServiceError('currency_not_supported', rule, [{ field: 'currency', rule }]);
  }
  const minimum = MINIMUM_AMOUNTS.get(money.currency) ?? 0n;
  const least = toMajorText({ ...money, amount: minimum });
  if (money.amount < minimum) throw outOfBounds(field, `at least ${least} ${money.currency}`);
  const atStripe = toStripeAmount(money);
  if (atStripe !== undefined && atStripe > MAXIMUM_STRIPE_AMOUNT)
    throw outOfBounds(field, 'at most 12 digits');
}

/**
 * Stripe's count of the amount.
 * @param told the refusal's verb, such as `has`.
 * @throws ServiceError invalid_request naming the field, for an amount that Stripe cannot express.
 */
export function amountAtStripe(money: Money, field: string, told: string): number {
  const amount = toStripeAmount(money);
  if (amount !== undefined) return Number(amount);
  throw invalidField(field, `${told} more decimals than Stripe takes in ${money.currency}`);
}

/**
 * @param ours keys that we add ourselves.
 * @throws ServiceError invalid_request naming `metadata` or the key at fault.
 */
export function assertMetadata(metadata: Readonly<Record<string, string>>, ours = 3): void {
  assertMetadataFits(metadata, {
    keys: METADATA_KEYS - ours,
    valueLength: 500,
    refusedKeys: {
      pattern: /^.{41}|[[\]]/s,
      rule: 'must have keys of at most 40 characters without brackets',
    },
    at: 'Stripe',
  });
}

/**
 * By default Stripe asks where it sees a risk or a law; it cannot be told to ignore risk.
 * @throws ServiceError capability_not_supported naming `threeDs`.
 */
export function threeDSecure(mode: ThreeDsMode): 'automatic' | 'any' {
  if (mode === 'not_strict') throw unsupported('threeDs', `${mode} is not available at Stripe`);
  return mode === 'strict' ? 'any' : 'automatic';
}

/** @throws ServiceError invalid_request naming the field. */
export function assertPhone(phone: string | undefined, field: string): void {
  if (phone === undefined || phone.length <= MAX_PHONE) return;
  throw invalidField(field, `must be at most ${MAX_PHONE} characters at Stripe`);
}

function outOfBounds(field: string, limit: string): ServiceError {
  const rule = `must ${field === 'items' ? 'add up to' : 'be'} ${limit} at Stripe`;
  return new ServiceError('amount_out_of_bounds', `${field} ${rule}`, [{ field, rule }]);
}

/** The languages of Stripe's hosted page. */
const LOCALES = (
  'auto bg cs da de el en en-GB es es-419 et fi fil fr fr-CA hi-IN hr hu id it ja ko lt lv ms mt nb nl pl pt ' +
  'pt-BR ro ru sk sl sv th tr vi zh zh-HK zh-TW'
).split(' ');

const BY_TAG = new Map([
  ...LOCALES.map((locale) => [locale.toLowerCase(), locale] as const),
  // Stripe knows these under another name, or only with a region.
  ['no', 'nb'],
  ['nn', 'nb'],
  ['hi', 'hi-IN'],
  ['tl', 'fil'],
]);

/**
 * Stripe's locale for a BCP 47 tag such as `es-MX` or `pt_BR`: Latin American Spanish outside Spain, otherwise the
 * same region where Stripe has it, else the language.
 * @throws ServiceError invalid_request naming `locale` for a language that Stripe does not speak.
 */
export function stripeLocale(tag: string): string {
  const wanted = tag.replaceAll('_', '-').toLowerCase();
  const [language = '', ...rest] = wanted.split('-');
  if (language === 'es' && rest.length > 0 && rest[0] !== 'es') return 'es-419';
  const found = BY_TAG.get(wanted) ?? BY_TAG.get(language);
  if (found === undefined) throw invalidField('locale', 'must be a language that Stripe speaks');
  return found;
}

/** Currencies of charges, upper case (docs.stripe.com/currencies). */
export const STRIPE_CURRENCIES: ReadonlySet<string> = new Set(
  (
    'AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BRL BSD BWP BYN BZD CAD CDF ' +
    'CHF CLP CNY COP CRC CVE CZK DJF DKK DOP DZD EGP ETB EUR FJD FKP GBP GEL GIP GMD GNF GTQ GYD HKD HNL HTG ' +
    'HUF IDR ILS INR ISK JMD JOD JPY KES KGS KHR KMF KRW KWD KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK ' +
    'MNT MOP MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB ' +
    'RWF SAR SBD SCR SEK SGD SHP SLE SOS SRD SZL THB TJS TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VND VUV ' +
    'WST XAF XCD XCG XOF XPF YER ZAR ZMW'
  ).split(' '),
);

/**
 * Minor units of ISO 4217 (docs.stripe.com/currencies#minimum-and-maximum-charge-amounts). Elsewhere the minimum of
 * the account's settlement currency counts.
 */
const MINIMUM_AMOUNTS = new Map(
  Object.entries({
    30: 'GBP',
    50: 'AUD BRL CAD CHF EUR INR JPY NZD SGD USD',
    200: 'AED MYR PLN RON',
    250: 'DKK',
    300: 'NOK SEK',
    400: 'HKD',
    1000: 'MXN THB',
    1500: 'CZK',
    17500: 'HUF',
  }).flatMap(([least, currencies]) => currencies.split(' ').map((code) => [code, BigInt(least)] as const)),
);

/** Twelve digits in Stripe's own units. */
const MAXIMUM_STRIPE_AMOUNT = 999_999_999_999n;
