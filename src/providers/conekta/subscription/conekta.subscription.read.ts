import type { CancelReason, SubscriptionFact, SubscriptionStatus } from '../../billing.facts.js';
import { isJson, jsonOf, textOf, timeOf } from '../../json.read.js';

/** A subscription as Conekta tells it. */
export interface ConektaSubscription {
  id: string;
  customerId: string;
  planId: string;
  /** Undefined where the customer's default card is charged. */
  cardId: string | undefined;
  status: SubscriptionStatus;
  createdAt: Date;
  /** The order of the latest cycle that money was asked for. */
  lastOrderId: string | undefined;
  times: Pick<SubscriptionFact, 'trialEnd' | 'periodStart' | 'periodEnd' | 'pausedAt' | 'canceledAt'>;
  cancelReason: CancelReason | undefined;
}

const STATUSES: ReadonlyMap<string, SubscriptionStatus> = new Map([
  ['in_trial', 'in_trial'],
  ['active', 'active'],
  ['past_due', 'past_due'],
  ['paused', 'paused'],
  ['canceled', 'canceled'],
  // An event is named so; no answer is documented to be.
  ['expired', 'canceled'],
]);

/** Conekta documents one word alone, `user_cancelation`; the first rule that fits counts. */
const REASONS: readonly [RegExp, CancelReason][] = [
  [/user|merchant|manual|request/i, 'requested'],
  [/disput|chargeback|contracargo/i, 'disputed'],
  [/payment|charge|retr|fail|declin|past_due/i, 'payment_failed'],
  [/complet|expir|finish|cycle/i, 'completed'],
];

/** Undefined for anything but a subscription, and for one in a state that is new to us. */
export function readSubscription(value: unknown): ConektaSubscription | undefined {
  if (!isJson(value) || value.object !== 'subscription') return undefined;
  const [id, customerId, planId] = [textOf(value.id), textOf(value.customer_id), textOf(value.plan_id)];
  const [word, createdAt] = [textOf(value.status), instantOf(value.created_at)];
  const status = word === undefined ? undefined : STATUSES.get(word);
  if (!id || !customerId || !planId || !status || !createdAt) return undefined;
  return {
    id,
    customerId,
    planId,
    cardId: textOf(value.card_id),
    status,
    createdAt,
    lastOrderId: textOf(value.last_billing_cycle_order_id),
    times: {
      trialEnd: trialEndOf(instantOf(value.trial_end), createdAt),
      periodStart: instantOf(value.billing_cycle_start),
      periodEnd: instantOf(value.billing_cycle_end),
      // Left where it was when the subscription goes on.
      pausedAt: status === 'paused' ? instantOf(value.paused_at) : undefined,
      canceledAt: instantOf(value.canceled_at),
    },
    cancelReason:
      status === 'canceled'
        ? reasonOf(textOf(value.canceled_reason) ?? (word === 'expired' ? word : ''))
        : undefined,
  };
}

/** When an event of the subscription was, and the order of the cycle that it had then. */
export function readSubscriptionEvent(
  value: unknown,
  id: string,
): { at: number; orderId: string | undefined } | undefined {
  const event = jsonOf(value);
  const [at, object] = [instantOf(event.created_at), jsonOf(jsonOf(event.data).object)];
  if (at === undefined || object.id !== id) return undefined;
  return { at: at.getTime(), orderId: textOf(object.last_billing_cycle_order_id) };
}

function reasonOf(word: string): CancelReason {
  return REASONS.find(([pattern]) => pattern.test(word))?.[1] ?? 'requested';
}

/** Of a subscription without a trial, the moment in which it began. */
function trialEndOf(told: Date | undefined, createdAt: Date): Date | undefined {
  return told !== undefined && told > createdAt ? told : undefined;
}

/** 0 stands for none. */
function instantOf(value: unknown): Date | undefined {
  return value === 0 ? undefined : timeOf(value);
}
