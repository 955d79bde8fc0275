import type { SubscriptionFact, SubscriptionStatus } from '../../providers/billing.facts.js';
import type { SubscriptionRow } from './subscription.tables.js';

export type SubscriptionEvent =
  | 'subscription.created'
  | 'subscription.trial_ending'
  | 'subscription.activated'
  | 'subscription.renewed'
  | 'subscription.payment_failed'
  | 'subscription.past_due'
  | 'subscription.paused'
  | 'subscription.resumed'
  | 'subscription.updated'
  | 'subscription.canceled';

/** What a provider said of a subscription. */
export interface SubscriptionReading {
  fact: SubscriptionFact;
  /** Before the provider was asked, by the database's clock. */
  readFrom: Date;
  /** The event that made us ask announces the trial's end. */
  trialEnding: boolean;
}

/** One version of a subscription: a change, and the event that tells it. */
export interface SubscriptionStep {
  event: SubscriptionEvent;
  patch: Partial<SubscriptionRow>;
  extra?: Record<string, unknown>;
  onceKey?: string;
  /** What tells this event from others of its type of the subscription; undefined: what made it happen. */
  eventKey?: readonly string[];
  detail?: Record<string, string>;
  occurredAt: Date;
}

/**
 * What a status that was read does: the event to announce, `stale` (it is so already), or `conflict` (canceled is
 * final, and a first payment is open only at the beginning).
 */
export type StatusVerdict = SubscriptionEvent | 'stale' | 'conflict';

type StatusRow = Readonly<Record<SubscriptionStatus, StatusVerdict>>;

const TOLD: StatusRow = {
  incomplete: 'conflict',
  in_trial: 'subscription.updated',
  active: 'subscription.updated',
  past_due: 'subscription.past_due',
  paused: 'subscription.paused',
  canceled: 'subscription.canceled',
};

/**
 * The subscription's machine, from the status that is kept to the one that was read. A cycle's payment is announced
 * by itself and takes the status with it; this tells the rest. What goes back is the provider's later word:
 * - `past_due` → `active`: a bill was paid, voided or written off (Stripe), or paid by a retry (both).
 * - `active`, `past_due`, `paused` → `in_trial`: a trial was given anew in the provider's panel (Stripe `trial_end`).
 * - `paused` → `active`, `past_due`, `in_trial`: resumed in the panel or by us (both).
 * `canceled` is final at both: whoever subscribes again gets another subscription. `incomplete` is a first payment only.
 */
export const SUBSCRIPTION_TRANSITIONS: Readonly<Record<SubscriptionStatus, StatusRow>> = {
  incomplete: { ...TOLD, incomplete: 'stale', active: 'subscription.activated' },
  in_trial: { ...TOLD, in_trial: 'stale', active: 'subscription.activated' },
  active: { ...TOLD, active: 'stale' },
  past_due: { ...TOLD, past_due: 'stale' },
  paused: { ...TOLD, in_trial: 'subscription.resumed', active: 'subscription.resumed', paused: 'stale' },
  canceled: {
    incomplete: 'conflict',
    in_trial: 'conflict',
    active: 'conflict',
    past_due: 'conflict',
    paused: 'conflict',
    canceled: 'stale',
  },
};

export function statusVerdict(from: SubscriptionStatus, to: SubscriptionStatus): StatusVerdict {
  return SUBSCRIPTION_TRANSITIONS[from][to];
}

/** The status after a cycle was paid, or let go (then `begins` is false), on the way to what was read. */
export function statusOncePaid(
  from: SubscriptionStatus,
  read: SubscriptionStatus,
  begins = true,
): SubscriptionStatus {
  if (begins && (from === 'incomplete' || from === 'in_trial')) return 'active';
  return from === 'past_due' && read === 'active' ? 'active' : from;
}

/** Its provider refused to make it, and nobody was told of it. */
export function isRejected({ status, version }: { status: SubscriptionStatus; version: number }): boolean {
  return status === 'canceled' && version === 0;
}
