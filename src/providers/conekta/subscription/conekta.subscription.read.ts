import type { CancelReason, SubscriptionFact, SubscriptionStatus } from '../../billing.facts.js';
import { isJson, jsonOf, textOf, timeOf } from '../../json.read.js';
import { CONEKTA } from '../conekta.account.js';

/** What an answer says of a subscription: all but its mode and its cycles. */
export type ConektaSubscription = Omit<SubscriptionFact, 'livemode' | 'periods'> & {
  /** The order of the latest cycle that money was asked for. */
  lastOrderId: string | undefined;
};

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
  const [word = '', createdAt] = [textOf(value.status), instantOf(value.created_at)];
  const status = STATUSES.get(word);
  if (!id || !customerId || !planId || !status || !createdAt) return undefined;
  const trialEnd = instantOf(value.trial_end);
  const reason = textOf(value.canceled_reason) ?? (word === 'expired' ? word : '');
  return {
    kind: 'subscription',
    provider: CONEKTA,
    providerSubscriptionId: id,
    providerCustomerId: customerId,
    status,
    cancelReason: status === 'canceled' ? reasonOf(reason) : undefined,
    providerPlanId: planId,
    providerSourceId: textOf(value.card_id),
    createdAt,
    // Without a trial Conekta gives the moment in which it began.
    trialEnd: trialEnd !== undefined && trialEnd > createdAt ? trialEnd : undefined,
    periodStart: instantOf(value.billing_cycle_start),
    periodEnd: instantOf(value.billing_cycle_end),
    // Left where it was when the subscription goes on.
    pausedAt: status === 'paused' ? instantOf(value.paused_at) : undefined,
    canceledAt: instantOf(value.canceled_at),
    cancelAtPeriodEnd: false,
    lastOrderId: textOf(value.last_billing_cycle_order_id),
  };
}

/** An event of the subscription, with the order of its cycle then. */
export function readSubscriptionEvent(
  value: unknown,
  id: string,
): { createdAt: Date; orderId: string | undefined } | undefined {
  const event = jsonOf(value);
  const [createdAt, object] = [instantOf(event.created_at), jsonOf(jsonOf(event.data).object)];
  if (createdAt === undefined || object.id !== id) return undefined;
  return { createdAt, orderId: textOf(object.last_billing_cycle_order_id) };
}

function reasonOf(word: string): CancelReason {
  return REASONS.find(([pattern]) => pattern.test(word))?.[1] ?? 'requested';
}

/** 0 stands for none. */
function instantOf(value: unknown): Date | undefined {
  return value === 0 ? undefined : timeOf(value);
}
