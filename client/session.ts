/** NATS request that opens a checkout session; also served as the pattern `{cmd: 'create.payment.session'}`. */
export const CREATE_PAYMENT_SESSION = 'create.payment.session';

/** Core NATS subject of the event that orders services of the course architecture listen to. */
export const LEGACY_PAYMENT_SUCCEEDED = 'payment.succeeded';

/** `data` of a `create.payment.session` request. */
export interface CreatePaymentSession {
  /** A non-empty string of at most 200 characters, a UUID in practice. */
  readonly orderId: string;
  /** ISO 4217, either case. */
  readonly currency: string;
  /** 1 to 10,000. */
  readonly items: readonly PaymentSessionItem[];
  /** Default: by the payments service's routes. */
  readonly provider?: string;
  /** `embedded`: the answer says what the provider's component needs, and `url` is a page that shows it. */
  readonly ui?: 'hosted' | 'embedded';
  /** `card`, `cash`, `bank_transfer`, … */
  readonly paymentMethods?: readonly string[];
  /** Some providers refuse a session without all three. */
  readonly customer?: { readonly name?: string; readonly email?: string; readonly phone?: string };
  /** Of physical goods: whom they go to, and where. */
  readonly shippingContact?: {
    readonly receiver: string;
    readonly phone: string;
    readonly address: {
      readonly street1: string;
      readonly street2?: string;
      readonly postalCode: string;
      readonly city?: string;
      readonly state?: string;
      /** ISO 3166-1 alpha-2, such as MX. */
      readonly country: string;
    };
  };
  /** Added to the lines, or taken off. */
  readonly taxes?: readonly PaymentSessionAdjustment[];
  readonly shipping?: readonly PaymentSessionAdjustment[];
  readonly discounts?: readonly PaymentSessionAdjustment[];
  /** Months that the customer may choose from. */
  readonly installments?: readonly number[];
  /** Seconds. */
  readonly expiresIn?: number;
  readonly metadata?: Readonly<Record<string, string>>;
}

/** Exactly one of `price` and `unitAmount`. */
export type PaymentSessionItem = PaymentSessionAdjustment & {
  /** A positive integer. */
  readonly quantity: number;
};

/** Exactly one of `price` and `unitAmount`, never below zero; of an item, above it. */
export type PaymentSessionAdjustment = { readonly name: string } & (
  | {
      /** Major units: 19.99. More decimals than the currency has are rounded half up. */
      readonly price: number;
      readonly unitAmount?: never;
    }
  | {
      /** Integer in minor units: 1999. */
      readonly unitAmount: number;
      readonly price?: never;
    }
);

/** The reply: send the customer to `url`. Asking again for the same order and content gives the open session. */
export interface PaymentSession {
  readonly url: string;
  readonly successUrl: string;
  readonly cancelUrl: string;
  readonly paymentId?: string;
  readonly provider?: string;
  readonly status?: string;
  /** ISO 8601. */
  readonly expiresAt?: string | null;
  /** Of an embedded session: what the provider's component is started with. */
  readonly checkoutId?: string;
  readonly publicKey?: string;
  readonly clientSecret?: string;
}

/**
 * `data` of the legacy core NATS event: these three keys and no other, since its receivers refuse a fourth.
 * It is delivered at least once and nothing acknowledges it; the durable events of `consumePaymentEvents` are
 * the ones to rely on.
 */
export interface LegacyPaymentSucceeded {
  /** The provider's charge id: `ch_…` at Stripe. */
  readonly stripePaymentId: string;
  readonly orderId: string;
  readonly receiptUrl: string;
}
