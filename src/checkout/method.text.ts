import type { PaymentPageMethod } from './payment.page.js';
import type { Texts } from './texts.js';

/** How card brands write themselves; providers give them in lower case. */
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

/** "Visa ending in 4242", "Cash voucher"; what we have no word for stands as the provider wrote it. */
export function methodText(method: PaymentPageMethod, texts: Pick<Texts, 'methods' | 'cardEnding'>): string {
  const name = brandText(method.brand) ?? texts.methods[method.type] ?? method.type;
  return method.last4 === undefined ? name : `${name} ${texts.cardEnding} ${method.last4}`;
}

function brandText(brand: string | undefined): string | undefined {
  return brand === undefined ? undefined : (BRANDS[brand.toLowerCase()] ?? brand);
}
