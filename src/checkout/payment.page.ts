import type { PaymentStatus } from '../payments/payment/payment.js';

/** What a customer may see of a payment. Whoever holds the payment's id may see it: nothing of the customer is in it. */
export interface PaymentPage {
  paymentId: string;
  orderId: string;
  status: PaymentStatus;
  /** False: no real money moved, and the pages say so. */
  livemode: boolean;
  /** Minor units of `currency`. */
  amount: bigint;
  amountCaptured: bigint;
  amountRefunded: bigint;
  /** ISO 4217, upper case. */
  currency: string;
  items: readonly PaymentPageItem[];
  method?: PaymentPageMethod | undefined;
  createdAt: Date;
  paidAt?: Date | undefined;
  /** Where the customer can still pay, at the provider. */
  checkoutUrl?: string | undefined;
}

export interface PaymentPageItem {
  name: string;
  /** Minor units. */
  unitAmount: bigint;
  quantity: number;
}

export interface PaymentPageMethod {
  /** `card`, `cash`, `bank_transfer`, … or the provider's own word. */
  type: string;
  brand?: string | undefined;
  last4?: string | undefined;
  /** What the customer shows at the shop, or writes on the transfer. */
  reference?: string | undefined;
  /** The account that the customer transfers to. */
  clabe?: string | undefined;
}

/** Where the pages read payments from. */
export abstract class PaymentPageSource {
  /** @param id a UUID. @returns undefined when there is no such payment. */
  abstract find(id: string): Promise<PaymentPage | undefined>;
}
