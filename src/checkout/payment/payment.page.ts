import { Injectable } from '@nestjs/common';
import { ServiceSettings } from '../../config/settings.js';
import { ServiceError } from '../../kernel/errors.js';
import { isUuid } from '../../kernel/ids.js';
import type { Money } from '../../kernel/money.js';
import { withSessionId } from '../../kernel/web.address.js';
import type { PaymentRow, StoredAdjustment, StoredItem } from '../../payments/payment/payment.tables.js';
import type { PaymentMethod, SessionEmbed } from '../../providers/facts.js';
import { PaymentsService } from '../../payments/payment/payments.service.js';
import { homeOf, httpUrl, type Link, ShopHome, shopLink, shopUrl } from '../page/shop.url.js';
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

/** What whoever holds a payment's id may see: nothing of the customer. `ui`: at the provider, or in our page. */
export interface PaymentPage extends Pick<PaymentRow, Shown> {
  paymentId: string;
  /** In review: what came in, perhaps another amount or currency. */
  received?: Money | undefined;
  items: readonly (Omit<StoredItem, 'unitAmount'> & { unitAmount: bigint })[];
  adjustments: readonly (Omit<StoredAdjustment, 'amount'> & { amount: bigint })[];
  method?: PaymentMethod | undefined;
  /** Why the last attempt did not pay: the provider's code. */
  failure?: string | undefined;
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

export interface Fact {
  label: string;
  value: string;
  /** ISO 8601, for a value that is a date. */
  datetime?: string;
}

export function isPayable({ status, ui, embed, checkoutUrl }: PaymentPage): boolean {
  if (status !== 'created') return false;
  return ui === 'embedded' ? embed !== undefined : httpUrl(checkoutUrl) !== undefined;
}

/** The customer holds a reference or an account number to pay with later. */
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
   * The payment that a customer comes back from, by `payment` or `session_id` of the query string. The latter is our own
   * id where the provider has none for addresses.
   */
  async findReturned(id: unknown, sessionId: unknown): Promise<PaymentPage | undefined> {
    const named = await this.find(id ?? sessionId);
    const isSession = typeof sessionId === 'string' && /^\w{1,255}$/.test(sessionId);
    return named ?? (isSession ? this.findBySession(sessionId) : undefined);
  }
}

@Injectable()
export class StoredPaymentPages extends PaymentPageSource {
  constructor(
    private readonly payments: PaymentsService,
    private readonly service: ServiceSettings,
    private readonly shop: ShopHome,
  ) {
    super();
  }

  protected async read(id: string): Promise<PaymentPage | undefined> {
    const payment = await this.payments.find(id);
    if (payment === undefined) return undefined;
    return {
      ...pageOf(payment, this.service.publicUrl),
      received: await this.receivedOf(payment),
      homeUrl: this.shop.url,
    };
  }

  /** Money of another currency is in the payment's history only. */
  private async receivedOf({ id, status, amountCaptured, currency }: PaymentRow): Promise<Money | undefined> {
    if (status !== 'review') return undefined;
    return amountCaptured > 0n ? { amount: amountCaptured, currency } : this.payments.received(id);
  }

  protected async findBySession(sessionId: string): Promise<PaymentPage | undefined> {
    const payment = await this.payments.findBySession(sessionId);
    return payment === undefined ? undefined : pageOf(payment, this.service.publicUrl);
  }
}

function pageOf(payment: PaymentRow, publicUrl: string): PaymentPage {
  return {
    ...payment,
    paymentId: payment.id,
    items: payment.items.map((item) => ({ ...item, unitAmount: BigInt(item.unitAmount) })),
    adjustments: payment.adjustments.map((line) => ({ ...line, amount: BigInt(line.amount) })),
    method: payment.method ?? undefined,
    failure: payment.failure?.reason,
    paidAt: payment.paidAt ?? undefined,
    expiresAt: payment.expiresAt ?? undefined,
    checkoutUrl: payment.checkoutUrl ?? undefined,
    embed: payment.embed ?? undefined,
    continueUrl: shopUrl(withSession(payment.successUrl, payment.sessionId), publicUrl),
    backUrl: shopUrl(withSession(payment.cancelUrl, payment.sessionId), publicUrl),
  };
}

/** A shop may want the session's id in its address; on our own pages that is up to us. */
function withSession(url: string | null, sessionId: string | null): string | null {
  return url === null ? null : withSessionId(url, sessionId ?? '');
}

/** From a page's folder to the service's root: relative, so right behind a proxy that puts a path in front. */
export type Root = '../' | '../../';

export function payHref(root: Root, { paymentId }: PaymentPage): string {
  return `${root}pay/${paymentId}`;
}

/** To our own page, which does not ask again for a payment that was made meanwhile. */
export function payLink(root: Root, payment: PaymentPage, { links }: Texts): Link[] {
  if (!isPayable(payment)) return [];
  return [{ kind: 'primary', href: payHref(root, payment), label: links.continuePaying }];
}

/** To the shop, for a customer who has paid. */
export function continueLink({ continueUrl, backUrl, homeUrl }: PaymentPage, texts: Texts): Link[] {
  const href = continueUrl ?? homeOf(backUrl) ?? homeUrl;
  return href === undefined ? [] : [{ kind: 'primary', href, label: texts.links.continueToShop }];
}

/** To the shop, for a customer who has not. */
export function backLink({ backUrl, continueUrl, homeUrl }: PaymentPage, texts: Texts): Link[] {
  return shopLink(backUrl ?? homeOf(continueUrl) ?? homeUrl, texts);
}

/** The way back to the shop, and the word that no real money moves. */
export function footOf(payment: PaymentPage, texts: Texts) {
  const links = backLink(payment, texts);
  return {
    links,
    closing: links.length === 0 ? texts.close : undefined,
    testMode: payment.livemode ? undefined : texts.testMode,
  };
}

export function orderFacts({ orderId }: PaymentPage, { receipt }: Texts): Fact[] {
  return orderId === null ? [] : [{ label: receipt.order, value: orderId }];
}
