import type { Money } from '../kernel/money.js';
import type { PaymentFact } from './facts.js';
import type { Outcome, ProviderCall } from './provider.calls.js';
import type { SessionItem, ShippingContact, ThreeDsMode } from './session.port.js';

/** A charge without a checkout page, validated, in our words. */
export interface ChargeInput {
  paymentId: string;
  orderId?: string | undefined;
  money: Money;
  /** One line at least; they add up to `money`. */
  items: readonly SessionItem[];
  /** A token that was made for this, or a card that the provider keeps for `providerCustomerId`. */
  card: { kind: 'token'; token: string } | { kind: 'saved'; providerSourceId: string };
  providerCustomerId?: string | undefined;
  /** Of the buyer, where no `providerCustomerId` says who it is. */
  customer?:
    { name?: string | undefined; email?: string | undefined; phone?: string | undefined } | undefined;
  /** Of physical goods. */
  shippingContact?: ShippingContact | undefined;
  capture: 'automatic' | 'manual';
  /** Number of monthly installments. */
  installments?: number | undefined;
  threeDs?: ThreeDsMode | undefined;
  /** False: the buyer is not there, so the bank cannot ask; a bank that insists declines. */
  buyerPresent: boolean;
  /** Where the bank's page sends the buyer on to. */
  returnUrl: string;
  metadata: Readonly<Record<string, string>>;
  locale?: string | undefined;
}

/** What came of a charge. A decline is a result. */
export interface ChargeResult {
  /** Oldest first; their `ref` carries our payment id and the provider's ids. A declined charge ends in `failed`. */
  facts: readonly PaymentFact[];
  livemode: boolean;
  /** The bank wants to see the buyer: send them there. The payment is open until they return. */
  continueAt?: string | undefined;
  /** What the provider has to say to the buyer of a declined charge, in the buyer's language. */
  buyerMessage?: string | undefined;
}

export interface ChargesPort {
  /** The exact request. Pure. @throws ServiceError naming the field for what this provider cannot do. */
  request(input: ChargeInput): ProviderCall['request'];
  /**
   * Sends a recorded charge that was never sent.
   * @throws ProviderError for a refusal without any charge: a token that is used up, a bad key.
   */
  send(call: ProviderCall): Promise<Outcome<ChargeResult>>;
  /** Looks for a charge that was sent. Undefined: there is none, so far. @throws ProviderError */
  find(call: ProviderCall & { sentBefore: Date }): Promise<ChargeResult | undefined>;
  /**
   * Ends a charge whose buyer does not come back from the bank. `paid: true` when it turned out to be paid or being
   * paid. @throws ProviderError when the provider refuses although it is open.
   */
  close(call: ProviderCall, providerPaymentId: string): Promise<Outcome<{ paid: boolean }>>;
}
