import type {
  CustomerEventType,
  DisputeEventType,
  EventType,
  MoneyEventType,
  PaymentEventType,
  RefundEventType,
  SubscriptionEventType,
} from './event.types.js';
import type { CustomerEvent, SubscriptionEvent } from './billing.events.js';
import type { Open } from './open.value.js';

export type PaymentStatus =
  | 'created'
  | 'pending'
  | 'authorized'
  | 'succeeded'
  | 'partially_refunded'
  | 'refunded'
  | 'failed'
  | 'expired'
  | 'canceled'
  | 'unknown'
  | 'review';

/** What every event about a payment carries: the payment as it was right after the event. */
export interface PaymentSnapshot {
  /** Unique for ever, the same in every delivery of this event: the key to de-duplicate by. */
  readonly eventId: string;
  /** ISO 8601, UTC. */
  readonly occurredAt: string;
  readonly paymentId: string;
  /** As it was given when the checkout session was created; null for a payment that pays for no order. */
  readonly orderId: string | null;
  /** The customer whose saved card it was, or who was named. */
  readonly customerId?: string | null;
  /** The subscription that it is a cycle of. */
  readonly subscriptionId?: string | null;
  readonly provider: Open<'stripe' | 'conekta'>;
  /** False for the provider's test mode. */
  readonly livemode: boolean;
  readonly status: Open<PaymentStatus>;
  /** Integer in minor units of `currency` by ISO 4217 (cents for USD, yen for JPY). */
  readonly amount: number;
  /** Minor units. */
  readonly amountCaptured: number;
  /** Minor units. */
  readonly amountRefunded: number;
  /** ISO 4217, upper case. */
  readonly currency: string;
  readonly providerIds: ProviderIds;
  /** Absent until the customer has chosen one. */
  readonly paymentMethod?: PaymentMethod | null;
  /** A public page; absent until there is something to receipt. */
  readonly receiptUrl?: string | null;
  readonly metadata: Readonly<Record<string, unknown>>;
  /**
   * Counts this payment's transitions from 1. Only to keep a projection from going back: de-duplicate by `eventId`, and
   * skip no effect because of it, since healed events come out of order.
   */
  readonly version: number;
  /** True for a payment whose session another service opened and this one took over. */
  readonly adopted: boolean;
}

/** The provider's own ids; absent or null while the provider has not made the thing yet. */
export interface ProviderIds {
  readonly session?: string | null;
  readonly payment?: string | null;
  /** At Stripe the `ch_…` that a legacy orders service stores as stripePaymentId. */
  readonly charge?: string | null;
}

/** Only what the method has is set: a card has brand and last4, a voucher a reference, SPEI a CLABE. */
export interface PaymentMethod {
  readonly type: Open<'card' | 'cash' | 'bank_transfer' | 'bnpl' | 'pay_by_bank' | 'apple' | 'google'>;
  readonly brand?: string | null;
  readonly last4?: string | null;
  /** Number of months. */
  readonly installments?: number | null;
  readonly reference?: string | null;
  readonly clabe?: string | null;
}

/** `data` of `payments.events.payment.*`. */
export interface PaymentEvent<Type extends PaymentEventType = PaymentEventType> extends PaymentSnapshot {
  readonly type: Type;
}

/** `data` of `payments.events.refund.*`: the payment, and the refund that changed. */
export interface RefundEvent<Type extends RefundEventType = RefundEventType> extends PaymentSnapshot {
  readonly type: Type;
  readonly refund: MoneyBack<'pending' | 'succeeded' | 'failed' | 'canceled'>;
}

/** `data` of `payments.events.dispute.*`: the payment, and the dispute that changed. */
export interface DisputeEvent<Type extends DisputeEventType = DisputeEventType> extends PaymentSnapshot {
  readonly type: Type;
  readonly dispute: Dispute;
}

export interface Dispute extends MoneyBack<'open' | 'won' | 'lost'> {
  /** The provider's own word, such as `needs_response`; absent from events of before it was told. */
  readonly stage?: string | null;
  /** True: the bank only asks, and took no money; it may become a chargeback. */
  readonly inquiry?: boolean;
}

export interface MoneyBack<Status extends string> {
  readonly id: string;
  /** Minor units of the payment's currency. */
  readonly amount: number;
  readonly status: Open<Status>;
  readonly reason?: string | null;
}

/** The shape that belongs to a type name; a union of types gives a union that `switch (event.type)` narrows. */
export type EventOf<Type extends EventType> = Type extends PaymentEventType
  ? PaymentEvent<Type>
  : Type extends RefundEventType
    ? RefundEvent<Type>
    : Type extends DisputeEventType
      ? DisputeEvent<Type>
      : Type extends SubscriptionEventType
        ? SubscriptionEvent<Type>
        : Type extends CustomerEventType
          ? CustomerEvent<Type>
          : never;

export type MoneyEvent = EventOf<MoneyEventType>;
