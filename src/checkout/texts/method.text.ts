import type { PaymentPageMethod } from '../payment.page.js';
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

/** "Visa ending in 4242, in 6 monthly payments", "Cash voucher"; what we have no word for stands as the provider wrote it. */
export function methodText(
  method: PaymentPageMethod,
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
