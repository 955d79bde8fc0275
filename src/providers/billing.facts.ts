import type { Money } from '../kernel/money.js';
import type { Fact } from './facts.js';

/**
 * What a provider says of a customer, a plan or a subscription now: always the whole of it, so that the order and
 * repetition of events do not matter.
 */
export type BillingFact = CustomerFact | PlanFact | SubscriptionFact;

interface BillingFactBase {
  provider: string;
  livemode: boolean;
  /** Which installation of this service made it, where the provider keeps that. */
  installationId?: string | undefined;
}

/** Of a customer or a buyer. Undefined: not given, or the provider does not say. */
export interface Contact {
  name?: string | undefined;
  email?: string | undefined;
  phone?: string | undefined;
}

export interface CustomerFact extends BillingFactBase, Contact {
  kind: 'customer';
  providerCustomerId: string;
  /** Our id, from the metadata that we gave the provider. */
  customerId?: string | undefined;
  deleted: boolean;
  /** Every saved card, the oldest first. */
  cards: readonly SavedCard[];
  defaultCardId?: string | undefined;
}

/** A card that the provider keeps; nobody else knows its number. */
export interface SavedCard {
  /** The provider's own id. */
  providerSourceId: string;
  brand?: string | undefined;
  last4?: string | undefined;
  /** 1 to 12. */
  expMonth?: number | undefined;
  /** Four digits. */
  expYear?: number | undefined;
  holder?: string | undefined;
  /** It is not charged any more. */
  blocked: boolean;
}

export const PLAN_INTERVALS = ['week', 'half_month', 'month', 'year'] as const;
export type PlanInterval = (typeof PLAN_INTERVALS)[number];

/** What a subscriber pays, and how often. */
export interface PlanTerms {
  name: string;
  /** For one cycle. */
  money: Money;
  interval: PlanInterval;
  /** Intervals that make one cycle, at least 1. */
  frequency: number;
  /** Days before the first charge; 0: none. */
  trialDays: number;
  /** Cycles that are charged before the subscription is complete; undefined: without end. */
  expiryCount?: number | undefined;
  /** Tries after a cycle's first one failed; undefined: the provider's default. */
  maxRetries?: number | undefined;
  /** Hours between two tries; undefined: the provider's default. */
  retryDelayHours?: number | undefined;
}

export interface PlanFact extends BillingFactBase {
  kind: 'plan';
  /** What subscriptions name. */
  providerPlanId: string;
  /** Where a plan is a price of a product. */
  providerProductId?: string | undefined;
  /** Our id, where the provider keeps one. */
  planId?: string | undefined;
  terms: PlanTerms;
  /** Nobody can subscribe to it any more; who has, stays. */
  deleted: boolean;
}

export const SUBSCRIPTION_STATUSES = [
  'incomplete',
  'in_trial',
  'active',
  'past_due',
  'paused',
  'canceled',
] as const;
export type SubscriptionStatus = (typeof SUBSCRIPTION_STATUSES)[number];

/** `completed`: every cycle was paid. `rejected`: it never began. `disputed`: the bank took a cycle's money back. */
export type CancelReason = 'requested' | 'payment_failed' | 'disputed' | 'completed' | 'rejected';

export interface SubscriptionFact extends BillingFactBase {
  kind: 'subscription';
  providerSubscriptionId: string;
  providerCustomerId: string;
  /** Our id, where the provider keeps one. */
  subscriptionId?: string | undefined;
  status: SubscriptionStatus;
  /** For `canceled`. */
  cancelReason?: CancelReason | undefined;
  /** May be the next cycle's already. Empty where it is not known which of several items is the plan. */
  providerPlanId: string;
  /** Of a subscription to several prices: the plans known here say which of them is the plan. */
  items?: readonly SubscriptionItem[] | undefined;
  /** Undefined: the customer's default card. */
  providerSourceId?: string | undefined;
  createdAt: Date;
  trialEnd?: Date | undefined;
  /** Of the present cycle; undefined in a trial that no cycle follows yet. */
  periodStart?: Date | undefined;
  periodEnd?: Date | undefined;
  cancelAtPeriodEnd: boolean;
  /** Why its owner ends it, in words, where the provider keeps that. */
  cancelComment?: string | undefined;
  pausedAt?: Date | undefined;
  canceledAt?: Date | undefined;
  /** The cycles that were asked for, and the latest one; oldest first. */
  periods: readonly SubscriptionPeriod[];
}

/** One of several prices that a subscriber pays: the plan, or an add-on. */
export interface SubscriptionItem {
  /** The provider's; stays when the price changes. */
  itemId: string;
  providerPlanId: string;
  /** We marked it as the plan at the provider. */
  isPlan: boolean;
  periodStart?: Date | undefined;
  periodEnd?: Date | undefined;
}

/** A whole period of one item, as a bill asks for it. */
export interface BilledSpan {
  itemId?: string | undefined;
  providerPlanId?: string | undefined;
  start?: Date | undefined;
  end?: Date | undefined;
}

/** One cycle that was billed, with the payment that it is. */
export interface SubscriptionPeriod {
  /** The provider's id of the cycle's bill. */
  periodId: string;
  start?: Date | undefined;
  end?: Date | undefined;
  /** Where there are several items: what is billed of each. */
  spans?: readonly BilledSpan[] | undefined;
  /**
   * The bill of no cycle: a proration, a threshold, one made by hand. Its payment is ours, but it neither renews the
   * subscription nor puts it in arrears.
   */
  offCycle?: boolean | undefined;
  /** What is to be paid. 0: a free cycle, which has no payment. */
  money: Money;
  /** Every declined attempt, oldest first. */
  failures: readonly PeriodFailure[];
  /** When the provider tries again, if it says so. */
  nextAttemptAt?: Date | undefined;
  /** The provider's page to pay the bill on, http or https. Only while it is unpaid. */
  hostedInvoiceUrl?: string | undefined;
  paidAt?: Date | undefined;
  /** Nobody is asked for the money any more. An uncollectible bill may still be paid. */
  closed?: { as: ClosedAs; at: Date } | undefined;
  /** The provider's id of the payment, as PaymentRef has it. */
  providerPaymentId: string;
  /** All of the payment's facts, oldest first. Their `ref` carries `providerPaymentId`, and no id of ours. */
  payment: readonly Fact[];
}

/** When a bill's cycle runs: the span of the plan's item, whatever else is on the bill. */
export function billedFor(
  spans: readonly BilledSpan[],
  { itemId, providerPlanId }: Pick<SubscriptionItem, 'itemId' | 'providerPlanId'>,
): Pick<SubscriptionPeriod, 'start' | 'end'> {
  const span =
    spans.find((one) => one.itemId === itemId) ??
    spans.find((one) => one.providerPlanId === providerPlanId) ??
    spans[0];
  return { start: span?.start, end: span?.end };
}

export type ClosedAs = 'void' | 'uncollectible';

export interface PeriodFailure {
  /** The provider's id of the charge; without one the bill's id and a number. */
  attemptId: string;
  at: Date;
  /**
   * The provider's code, such as `insufficient_funds`. Without a charge: `no_payment_method`, or
   * `authentication_required` where the bank asks the customer.
   */
  reason?: string | undefined;
}

/** What a verified webhook is about, if no payment: it is re-fetched from the provider. */
export type BillingSubject =
  | { kind: 'customer'; providerCustomerId: string }
  | { kind: 'plan'; providerPlanId: string }
  | SubscriptionSubject
  /** A page to save a card on; the id as CardSetup has it. */
  | { kind: 'card_setup'; providerSetupId: string };

export interface SubscriptionSubject {
  kind: 'subscription';
  providerSubscriptionId: string;
  /** Undefined: the event does not say, and the row knows. */
  providerCustomerId?: string | undefined;
  /** Cycles that the event is about. */
  periodIds: readonly string[];
  /** The event announces the trial's end. */
  trialEnding: boolean;
}
