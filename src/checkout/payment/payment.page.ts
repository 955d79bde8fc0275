import { ServiceError } from '../../kernel/errors.js';
import { isUuid } from '../../kernel/ids.js';
import type { Money } from '../../kernel/money.js';
import type { PaymentRow, StoredAdjustment, StoredItem } from '../../payments/payment/payment.tables.js';
import type { PaymentMethod, SessionEmbed } from '../../providers/facts.js';
import { homeOf, httpUrl, type Link, shopLink } from '../page/shop.url.js';
import type { Texts } from '../texts/texts.en.js';

type Shown =
  | 'orderId'
  | 'provider'
  | 'status'
  | 'livemode'
  | 'amount'
  | 'amountCaptured'
  | 'amountRefunded'
  | 'currency'
  | 'createdAt'
  | 'ui';

/**
 * What a customer may see of a payment. Whoever holds the payment's id may see it: nothing of the customer is in it.
 * Not `livemode`: no real money moved, and the pages say so. `ui`: at the provider, or inside our page.
 */
export interface PaymentPage extends Pick<PaymentRow, Shown> {
  paymentId: string;
  /** Of money that a person looks at: what came in, which may be another amount, or in another currency. */
  received?: Money | undefined;
  items: readonly (Omit<StoredItem, 'unitAmount'> & { unitAmount: bigint })[];
  adjustments: readonly (Omit<StoredAdjustment, 'amount'> & { amount: bigint })[];
  method?: PaymentMethod | undefined;
  /** Why the last attempt did not pay: the provider's code. */
  failure?: string | undefined;
  /** The customer's bank has an open dispute about it. */
  disputed?: boolean;
  paidAt?: Date | undefined;
  /** Until when it can be paid. */
  expiresAt?: Date | undefined;
  checkoutUrl?: string | undefined;
  embed?: SessionEmbed | undefined;
  /** The shop's page for a customer who has paid; undefined where it is one of ours. */
  continueUrl?: string | undefined;
  /** The shop's page for a customer who has not; likewise. */
  backUrl?: string | undefined;
  /** The shop, where neither of them is known. */
  homeUrl?: string | undefined;
}

/** A line that says something of a payment. */
export interface Fact {
  label: string;
  value: string;
  /** ISO 8601, for a value that is a date. */
  datetime?: string;
}

/** True while the customer can be led to where the payment is made. */
export function isPayable({ status, ui, embed, checkoutUrl }: PaymentPage): boolean {
  if (status !== 'created') return false;
  return ui === 'embedded' ? embed !== undefined : httpUrl(checkoutUrl) !== undefined;
}

/** True while the customer holds something to pay with later: a reference or an account number. */
export function hasVoucher({ status, method }: PaymentPage): boolean {
  return status === 'pending' && (method?.reference ?? method?.clabe) !== undefined;
}

/** Where the pages read payments from. */
export abstract class PaymentPageSource {
  /** @param id a UUID. @returns undefined when there is no such payment. */
  protected abstract read(id: string): Promise<PaymentPage | undefined>;

  /** @param sessionId the provider's, as it comes back in the address. */
  protected abstract findBySession(sessionId: string): Promise<PaymentPage | undefined>;

  /** @throws ServiceError not_found for an id that is unknown or none at all. */
  async get(id: string): Promise<PaymentPage> {
    const payment = await this.find(id);
    if (payment === undefined) throw new ServiceError('not_found', 'there is no such payment');
    return payment;
  }

  /** @param id from a query string: anything. @returns undefined unless it is a payment's id. */
  async find(id: unknown): Promise<PaymentPage | undefined> {
    return typeof id === 'string' && isUuid(id) ? this.read(id.toLowerCase()) : undefined;
  }

  /**
   * The payment that a customer comes back from.
   * @param id `payment` of the query string.
   * @param sessionId `session_id` of it, as shops write it for `{CHECKOUT_SESSION_ID}`: the provider's session or, where
   * a provider has none for addresses, our own id.
   */
  async findReturned(id: unknown, sessionId: unknown): Promise<PaymentPage | undefined> {
    const named = await this.find(id ?? sessionId);
    const isSession = typeof sessionId === 'string' && /^\w{1,255}$/.test(sessionId);
    return named ?? (isSession ? this.findBySession(sessionId) : undefined);
  }
}

/**
 * How a page's address leads to the others: relative, and so right behind any proxy that puts a path in front.
 * `root` is `../` once for each folder that the page stands in.
 */
export type Root = '../' | '../../';

export function payHref(root: Root, { paymentId }: PaymentPage): string {
  return `${root}pay/${paymentId}`;
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

/** What a payment's page ends with: the way back to the shop, and the word that no real money moves. */
export function footOf(payment: PaymentPage, texts: Texts) {
  const links = backLink(payment, texts);
  return {
    links,
    closing: links.length === 0 ? texts.close : undefined,
    testMode: payment.livemode ? undefined : texts.testMode,
  };
}

/** The line that names the order; none for a payment that pays for no order. */
export function orderFacts({ orderId }: PaymentPage, { receipt }: Texts): Fact[] {
  return orderId === null ? [] : [{ label: receipt.order, value: orderId }];
}
