import { ServiceError } from '../../kernel/errors.js';
import { isUuid } from '../../kernel/ids.js';
import type { Money } from '../../kernel/money.js';
import type { PaymentStatus } from '../../payments/payment/payment.js';
import type { SessionEmbed } from '../../providers/facts.js';
import type { SessionUi } from '../../providers/payment.ports.js';
import { homeOf, httpUrl, type Link, shopLink } from '../page/shop.url.js';
import type { Texts } from '../texts/texts.en.js';

/** What a customer may see of a payment. Whoever holds the payment's id may see it: nothing of the customer is in it. */
export interface PaymentPage {
  paymentId: string;
  /** Null: it pays for no order. */
  orderId: string | null;
  provider: string;
  status: PaymentStatus;
  /** False: no real money moved, and the pages say so. */
  livemode: boolean;
  /** Minor units of `currency`. */
  amount: bigint;
  amountCaptured: bigint;
  amountRefunded: bigint;
  /** Of money that a person looks at: what came in, which may be another amount, or in another currency. */
  received?: Money | undefined;
  /** ISO 4217, upper case. */
  currency: string;
  items: readonly PaymentPageItem[];
  adjustments: readonly PaymentPageAdjustment[];
  method?: PaymentPageMethod | undefined;
  /** Why the last attempt did not pay: the provider's code. */
  failure?: string | undefined;
  /** The customer's bank has an open dispute about it. */
  disputed?: boolean;
  createdAt: Date;
  paidAt?: Date | undefined;
  /** Until when it can be paid. */
  expiresAt?: Date | undefined;
  /** Where the customer pays: at the provider, or inside our page. */
  ui: SessionUi;
  checkoutUrl?: string | undefined;
  embed?: SessionEmbed | undefined;
  /** The shop's page for a customer who has paid; undefined where it is one of ours. */
  continueUrl?: string | undefined;
  /** The shop's page for a customer who has not; likewise. */
  backUrl?: string | undefined;
  /** The shop, where neither of them is known. */
  homeUrl?: string | undefined;
}

interface PaymentPageItem {
  name: string;
  /** Minor units. */
  unitAmount: bigint;
  quantity: number;
}

/** Added to the items, or for a discount taken off. */
export interface PaymentPageAdjustment {
  kind: 'tax' | 'shipping' | 'discount';
  name: string;
  /** Minor units, always positive. */
  amount: bigint;
}

export interface PaymentPageMethod {
  /** `card`, `cash`, `bank_transfer`, … or the provider's own word. */
  type: string;
  brand?: string | undefined;
  last4?: string | undefined;
  /** Number of monthly payments. */
  installments?: number | undefined;
  /** What the customer shows at the shop, or writes on the transfer. */
  reference?: string | undefined;
  /** Picture of the reference. */
  barcodeUrl?: string | undefined;
  /** The account that the customer transfers to. */
  clabe?: string | undefined;
  /** The bank that the account is at. */
  bank?: string | undefined;
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

/** What a page says in place of a way back, where nothing is known of the shop. */
export function closingOf(payment: PaymentPage, texts: Texts): string | undefined {
  return backLink(payment, texts).length === 0 ? texts.close : undefined;
}

/** The line that names the order; none for a payment that pays for no order. */
export function orderFacts(
  { orderId }: Pick<PaymentPage, 'orderId'>,
  { receipt }: Pick<Texts, 'receipt'>,
): { label: string; value: string }[] {
  return orderId === null ? [] : [{ label: receipt.order, value: orderId }];
}
