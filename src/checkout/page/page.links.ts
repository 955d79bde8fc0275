import { homeOf } from '../http.url.js';
import { isPayable, type PaymentPage } from '../payment.page.js';
import type { Texts } from '../texts/texts.js';

export interface Link {
  kind: 'primary' | 'secondary';
  href: string;
  label: string;
  /** True: on a page that a shop may show in a frame, it takes the whole window. */
  leavesFrame?: boolean;
}

/**
 * How a page's address leads to the others: relative, and so right behind any proxy that puts a path in front.
 * `root` is `../` once for each folder that the page stands in.
 */
export type Root = '../' | '../../';

export function payHref(root: Root, { paymentId }: PaymentPage): string {
  return `${root}pay/${paymentId}`;
}

export function receiptHref(root: Root, { paymentId }: PaymentPage): string {
  return `${root}payments/${paymentId}/receipt`;
}

/** To where it can still be paid. Our own page leads on, so a payment that was made meanwhile is not asked for again. */
export function payLink(root: Root, payment: PaymentPage, { links }: Texts): Link[] {
  if (!isPayable(payment)) return [];
  return [{ kind: 'primary', href: payHref(root, payment), label: links.continuePaying }];
}

/** To the shop, for a customer who has paid. */
export function continueLink({ continueUrl, backUrl, homeUrl }: PaymentPage, texts: Texts): Link[] {
  const href = continueUrl ?? homeOf(backUrl) ?? homeUrl;
  return href === undefined ? [] : [{ kind: 'primary', href, label: texts.links.continueToShop }];
}

/** To the shop, for a customer who has not: where no address was given for it, to where the shop is. */
export function backLink({ backUrl, continueUrl, homeUrl }: PaymentPage, texts: Texts): Link[] {
  return shopLink(backUrl ?? homeOf(continueUrl) ?? homeUrl, texts);
}

export function shopLink(href: string | undefined, { links }: Texts): Link[] {
  return href === undefined ? [] : [{ kind: 'secondary', href, label: links.backToShop }];
}

/** What a page says in place of a way back, where nothing is known of the shop. */
export function closingOf(payment: PaymentPage, texts: Texts): string | undefined {
  return backLink(payment, texts).length === 0 ? texts.close : undefined;
}
