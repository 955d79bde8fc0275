import { exponentOf, type Money, toMajorText } from '../../kernel/money.js';
import type { PaymentMethod } from '../../providers/facts.js';
import type { Texts } from './texts.en.js';

/** The amount as people of that locale write it: "$1,234.50". Exact: formatted from its decimal text. */
export function amountText(money: Money, locale: string): string {
  // The decimals are ISO 4217's, as everywhere in this service; Intl's own table differs for some currencies.
  const digits = exponentOf(money.currency);
  const format = new Intl.NumberFormat(locale, {
    style: 'currency',
    currency: money.currency,
    currencyDisplay: 'narrowSymbol',
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  const text = toMajorText(money);
  return isDecimal(text) ? format.format(text) : text;
}

/** As `amountText`, with the currency's code: "$" alone is the sign of twenty currencies. */
export function amountWithCode(money: Money, locale: string): string {
  const text = amountText(money, locale);
  return text.includes(money.currency) ? text : `${text} ${money.currency}`;
}

function isDecimal(text: string): text is `${number}` {
  return /^-?\d+(\.\d+)?$/.test(text);
}

/** "November 22, 2026 at 10:15 AM UTC": the reader's own zone is not known to us, so it says which. */
export function dateText(date: Date, locale: string): string {
  return new Intl.DateTimeFormat(locale, {
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    hour: 'numeric',
    minute: '2-digit',
    timeZone: 'UTC',
    timeZoneName: 'short',
  }).format(date);
}

/** Long numbers are copied by hand: "6461 8021 6568 3774 53" in its fours. Anything but digits stays in one piece. */
export function inFours(value: string): string[] {
  return /^\d{12,}$/.test(value) ? (value.match(/\d{1,4}/g) ?? []) : [value];
}

const BRANDS: Readonly<Record<string, string>> = {
  visa: 'Visa',
  mastercard: 'Mastercard',
  amex: 'American Express',
  american_express: 'American Express',
  carnet: 'Carnet',
  discover: 'Discover',
  diners: 'Diners Club',
  jcb: 'JCB',
  unionpay: 'UnionPay',
};

/** "Visa ending in 4242, in 6 monthly payments", "Cash voucher"; what we have no word for stands as the provider wrote it. */
export function methodText(
  method: Pick<PaymentMethod, 'type' | 'brand' | 'last4' | 'installments'>,
  texts: Pick<Texts, 'methods' | 'cardEnding' | 'installments'>,
): string {
  const name = brandText(method.brand) ?? texts.methods[method.type] ?? method.type;
  const card = method.last4 === undefined ? name : `${name} ${texts.cardEnding} ${method.last4}`;
  const months = method.installments ?? 1;
  return months > 1 ? `${card}, ${texts.installments(months)}` : card;
}

function brandText(brand: string | undefined): string | undefined {
  return brand === undefined ? undefined : (BRANDS[brand.toLowerCase()] ?? brand);
}

/** Embeddings, overrides, isolates and their ends. */
const DIRECTION_CONTROLS = /[\u202a-\u202e\u2066-\u2069]/gu;

/** `gpj.exe` behind a right-to-left override would be read as another name. Arabic and Hebrew need no controls. */
export function withoutDirectionControls(text: string): string {
  return text.replace(DIRECTION_CONTROLS, '');
}
