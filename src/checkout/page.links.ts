import type { PaymentPage } from './payment.page.js';

export interface Link {
  kind: 'primary' | 'secondary';
  href: string;
  label: string;
}

/** Back to the provider's page. Anything but http(s) is no link. */
export function checkoutLink(payment: PaymentPage, label: string): Link[] {
  const href = payment.checkoutUrl;
  if (href === undefined || !/^https?:\/\//i.test(href)) return [];
  return [{ kind: 'primary', href, label }];
}
