import type { Money } from '../kernel/money.js';
import type { SessionEmbed } from '../providers/facts.js';
import type { SessionUi } from '../providers/provider.port.js';
import type { PaymentStatus } from '../payments/payment/payment.js';
import { httpUrl } from './http.url.js';

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

export interface PaymentPageItem {
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
  abstract find(id: string): Promise<PaymentPage | undefined>;

  /** @param sessionId the provider's, as it comes back in the address. */
  abstract findBySession(sessionId: string): Promise<PaymentPage | undefined>;
}
