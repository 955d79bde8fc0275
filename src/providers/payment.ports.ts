import type { Money } from '../kernel/money.js';
import type { Contact } from './billing.facts.js';
import type { PaymentFact, SessionEmbed } from './facts.js';
import type { Outcome, ProviderCall } from './provider.calls.js';

export const PAYMENT_METHODS = [
  'card',
  'cash',
  'bank_transfer',
  'bnpl',
  'pay_by_bank',
  'apple',
  'google',
] as const;
export type PaymentMethodName = (typeof PAYMENT_METHODS)[number];

/** The bank identifies the card's holder: where the provider sees a risk, always, or only where the bank insists. */
export const THREE_DS_MODES = ['smart', 'strict', 'not_strict'] as const;
export type ThreeDsMode = (typeof THREE_DS_MODES)[number];

export interface SessionItem {
  name: string;
  /** Minor units of `currency`. */
  unitAmount: bigint;
  quantity: number;
}

/** Whom physical goods go to, and where. */
export interface ShippingContact {
  receiver: string;
  phone: string;
  address: {
    street1: string;
    street2?: string | undefined;
    postalCode: string;
    city?: string | undefined;
    state?: string | undefined;
    /** ISO 3166-1 alpha-2, upper case. */
    country: string;
  };
}

export interface SessionAdjustment {
  name: string;
  /** Minor units; 0 for what is free. */
  amount: bigint;
}

/** Validated, in our words. */
export interface SessionInput {
  paymentId: string;
  orderId: string;
  /** Lines, taxes and shipping, less discounts. */
  money: Money;
  items: readonly SessionItem[];
  taxes: readonly SessionAdjustment[];
  shipping: readonly SessionAdjustment[];
  discounts: readonly SessionAdjustment[];
  ui: SessionUi;
  successUrl: string;
  cancelUrl: string;
  /** Our own page that shows an embedded checkout. */
  payUrl: string;
  customer?: Contact | undefined;
  /** The provider's own id of a customer; in place of `customer`. */
  customerId?: string | undefined;
  /** Of physical goods. */
  shippingContact?: ShippingContact | undefined;
  /** Undefined: whatever the account offers and the amount allows. */
  paymentMethods?: readonly PaymentMethodName[] | undefined;
  capture: 'automatic' | 'manual';
  /** Months on offer; empty: none. */
  installments: readonly number[];
  onDemand: boolean;
  threeDs?: ThreeDsMode | undefined;
  metadata: Readonly<Record<string, string>>;
  locale?: string | undefined;
  /** Seconds from `now`; undefined: the provider's default. */
  expiresIn?: number | undefined;
  now: Date;
}

export type SessionUi = 'hosted' | 'embedded';

export interface SessionTarget {
  sessionId: string;
  providerPaymentId?: string | undefined;
}

export interface OpenedSession extends SessionTarget {
  /** The provider's page; our own for an embedded session. */
  checkoutUrl: string;
  embed?: SessionEmbed | undefined;
  expiresAt: Date;
  livemode: boolean;
}

/** What a provider's form may say is wrong; the page words it in its own language. */
export type FormProblem =
  | 'card_declined'
  | 'insufficient_funds'
  | 'expired_card'
  | 'card_blocked'
  | 'not_authenticated'
  | 'no_installments'
  | 'invalid_card';

/** How one of our pages shows a provider's checkout inside itself. */
export interface EmbeddedCheckout {
  /** The provider's script; it is loaded before `driver` runs. */
  scriptUrl: string;
  /**
   * A classic script. It reads `window.checkoutPage`: `config`, `target` (id of the element to fill) and the callbacks
   * `ready()` (the form can be seen), `finished()` and `failed(reason)`: a {@link FormProblem}, or nothing where the
   * form did not load or nobody knows why. They prove no payment.
   */
  driver: string;
  /** What the driver needs, as JSON. */
  config: Readonly<Record<string, string>>;
  /** Origins that the page's Content-Security-Policy allows beside our own. */
  sources: {
    script: readonly string[];
    frame: readonly string[];
    connect: readonly string[];
    image: readonly string[];
    /** True where the provider's script writes styles into the page. */
    inlineStyle: boolean;
  };
}

/** A charge without a checkout page. Its `items`, one at least, add up to `money`. */
export interface ChargeInput extends Pick<
  SessionInput,
  'paymentId' | 'money' | 'items' | 'shippingContact' | 'capture' | 'threeDs' | 'metadata' | 'locale'
> {
  orderId?: string | undefined;
  /** A token that was made for this, or a card that the provider keeps for `providerCustomerId`. */
  card: { kind: 'token'; token: string } | { kind: 'saved'; providerSourceId: string };
  providerCustomerId?: string | undefined;
  /** Of the buyer, where no `providerCustomerId` says who it is. */
  customer?: Contact | undefined;
  /** Number of monthly installments. */
  installments?: number | undefined;
  /** False: the buyer is not there, so the bank cannot ask; a bank that insists declines. */
  buyerPresent: boolean;
  /** Where the bank's page sends the buyer on to. */
  returnUrl: string;
}

/** A decline is a result. */
export interface ChargeResult {
  /** Oldest first; `ref` carries our payment id and the provider's ids. A declined charge ends in `failed`. */
  facts: readonly PaymentFact[];
  livemode: boolean;
  /** Send the buyer there, to the bank. The payment is open until they return. */
  continueAt?: string | undefined;
  /** Of a declined charge, in the buyer's language. */
  buyerMessage?: string | undefined;
}

export interface ChargesPort {
  /** Pure. @throws ServiceError naming the field that this provider cannot do. */
  request(input: ChargeInput): ProviderCall['request'];
  /**
   * Sends a recorded charge that was never sent.
   * @throws ProviderError for a refusal without any charge: a token that is used up, a bad key.
   */
  send(call: ProviderCall): Promise<Outcome<ChargeResult>>;
  /** Looks for a charge that was sent. Undefined: there is none, so far. @throws ProviderError */
  find(call: ProviderCall & { sentBefore: Date }): Promise<ChargeResult | undefined>;
  /**
   * Ends a charge whose buyer does not come back from the bank. `paid: true`: it is paid or being paid.
   * @throws ProviderError when the provider refuses although it is open.
   */
  close(call: ProviderCall, providerPaymentId: string): Promise<Outcome<{ paid: boolean }>>;
}
