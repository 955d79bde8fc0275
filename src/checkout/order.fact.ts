import type { PaymentPage } from './payment.page.js';
import type { Texts } from './texts/texts.js';

/** The line that names the order; none for a payment that pays for no order. */
export function orderFacts(
  { orderId }: Pick<PaymentPage, 'orderId'>,
  { receipt }: Pick<Texts, 'receipt'>,
): { label: string; value: string }[] {
  return orderId === null ? [] : [{ label: receipt.order, value: orderId }];
}
