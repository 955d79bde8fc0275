import type { CustomerEventType, SubscriptionEventType } from './event.types.js';
import type { Open } from './open.value.js';

/** `data` of `payments.events.subscription.*`: the subscription as it was right after the event. */
export interface SubscriptionEvent<Type extends SubscriptionEventType = SubscriptionEventType> {
  readonly type: Type;
  /** Unique for ever, the same in every delivery of this event: the key to de-duplicate by. */
  readonly eventId: string;
  /** ISO 8601, UTC. */
  readonly occurredAt: string;
  readonly subscriptionId: string;
  readonly customerId: string;
  /** By what the running cycle is charged. */
  readonly planId: string;
  /** By what the next one is, where that is another plan. */
  readonly nextPlanId: string | null;
  readonly provider: Open<'stripe' | 'conekta'>;
  readonly livemode: boolean;
  readonly status: Open<'incomplete' | 'in_trial' | 'active' | 'past_due' | 'paused' | 'canceled'>;
  /** Of a canceled one. */
  readonly cancelReason: Open<'requested' | 'payment_failed' | 'disputed' | 'completed' | 'rejected'> | null;
  readonly cancelAtPeriodEnd: boolean;
  /** Why its owner ends it, in words. Absent in events of versions before. */
  readonly cancelComment?: string | null;
  /** The order that it pays for, if it is one. */
  readonly orderId: string | null;
  /** ISO 8601, as every date below. */
  readonly trialEnd: string | null;
  readonly currentPeriodStart: string | null;
  readonly currentPeriodEnd: string | null;
  readonly pausedAt: string | null;
  readonly canceledAt: string | null;
  readonly providerIds: { readonly subscription: string | null; readonly customer: string | null };
  readonly metadata: Readonly<Record<string, unknown>>;
  /**
   * Counts this subscription's changes from 1. Only to keep a projection from going back: de-duplicate by `eventId`,
   * and skip no effect because of it, since healed events come out of order.
   */
  readonly version: number;
  /** The card that is charged; null: the customer's default one. */
  readonly paymentSourceId: string | null;
  /** Declined attempts of the cycle that is being collected, and when it is tried again. */
  readonly failedAttempts: number;
  readonly nextAttemptAt: string | null;
  /**
   * The provider's page (http or https) on which the customer can pay what is owed, by another card or with their
   * bank's consent: of `payment_failed` that cycle's, otherwise the oldest unpaid one's. Null: nothing is owed, or the
   * provider has no such page (Conekta). Absent in events of releases before.
   */
  readonly hostedInvoiceUrl?: string | null;
  /**
   * Of `activated`, `renewed`, `payment_failed`, and of `updated` where it tells of a cycle: the cycle's payment. Absent
   * where a cycle cost nothing.
   */
  readonly paymentId?: string;
  /** Of the same: minor units of `currency`; 0 where a cycle cost nothing. */
  readonly amount?: number;
  readonly currency?: string;
  readonly periodStart?: string | null;
  readonly periodEnd?: string | null;
  /** Of `updated`: nobody asks for the cycle's money any more. */
  readonly closed?: Open<'void' | 'uncollectible'>;
  /** Of `payment_failed`: which attempt it was, from 1. */
  readonly attempt?: number;
  /** Of `payment_failed`: how many there will be; null where the provider does not say. */
  readonly maxAttempts?: number | null;
  /**
   * Of `payment_failed`: the provider's code, or `no_payment_method` and `authentication_required` where no bank was
   * asked. Of `canceled`: why it ended.
   */
  readonly reason?: string;
}

/** `data` of `payments.events.customer.updated`. Who the customer is, is not told: ask for it by the id. */
export interface CustomerEvent<Type extends CustomerEventType = CustomerEventType> {
  readonly type: Type;
  readonly eventId: string;
  readonly occurredAt: string;
  readonly customerId: string;
  /** Where it was made first. */
  readonly provider: Open<'stripe' | 'conekta'>;
  readonly livemode: boolean;
  readonly version: number;
  readonly deleted: boolean;
  readonly defaultPaymentSourceId: string | null;
  readonly paymentSources: readonly CustomerCard[];
  readonly metadata: Readonly<Record<string, unknown>>;
}

export interface CustomerCard {
  readonly paymentSourceId: string;
  readonly brand: string | null;
  readonly last4: string | null;
  readonly expMonth: number | null;
  readonly expYear: number | null;
  /** The provider will not charge it any more. */
  readonly blocked: boolean;
  readonly isDefault: boolean;
}
