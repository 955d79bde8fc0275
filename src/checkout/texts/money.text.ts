import { exponentOf } from '../../kernel/currencies.js';
import { type Money, toMajorText } from '../../kernel/money.js';

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
