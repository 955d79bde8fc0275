import type Stripe from 'stripe';
import type { PlanTerms } from '../../billing.facts.js';
import type { SubscriptionCommand } from '../../billing.ports.js';
import type { ProviderCall } from '../../provider.port.js';
import { unsupported } from '../../provider.errors.js';
import { cyclesOf } from './stripe.cycles.js';
import { assertMetadata } from '../session/stripe.session.limits.js';
import { PLAN_MARK } from './stripe.subscription.js';

type Create = Extract<SubscriptionCommand, { kind: 'create_subscription' }>;
type UndoCancel = Extract<SubscriptionCommand, { kind: 'undo_cancel_subscription' }>;
type ChangePlan = Extract<SubscriptionCommand, { kind: 'change_plan' }>;

/** Keys of metadata that are ours: two ids, the number of cycles, and the mark of the operation. */
const OURS = 4;

/** Nothing is credited for what was paid, and nothing asked for in between. */
const PAUSE: Stripe.SubscriptionPauseParams = {
  type: 'subscription',
  bill_for: { unused_time_from: { type: 'none' }, outstanding_usage_through: { type: 'none' } },
};

/** The next charge is on the day that it would have been on; until then nothing is asked for. */
const RESUME: Stripe.SubscriptionResumeParams = {
  billing_cycle_anchor: { type: 'unchanged' },
  proration_behavior: 'none',
};

/**
 * The exact request. Pure.
 * @throws ServiceError naming the field for what Stripe cannot do.
 */
export function planSubscription(
  command: SubscriptionCommand,
  installationId?: string,
): ProviderCall['request'] {
  switch (command.kind) {
    case 'create_subscription':
      return created(command, installationId);
    case 'change_plan':
      return planChanged(command);
    case 'change_card':
      return { target: command.target, providerSourceId: command.providerSourceId };
    case 'pause_subscription':
      return { target: command.target, params: PAUSE };
    case 'resume_subscription':
      return { target: command.target, params: RESUME };
    case 'cancel_subscription':
      return {
        target: command.target,
        atPeriodEnd: command.atPeriodEnd,
        ...(command.openInvoices === 'void' && { openInvoices: 'void' }),
        ...(command.comment !== undefined && { comment: command.comment }),
      };
    case 'undo_cancel_subscription':
      return undone(command);
    case 'retry_subscription':
      return { target: command.target };
  }
}

function created(command: Create, installationId: string | undefined): ProviderCall['request'] {
  const { subscriptionId, terms, trialEnd, providerSourceId } = command;
  assertMetadata(command.metadata, OURS);
  const { expiryCount: _count, cyclesEnd: _end, ...metadata } = command.metadata;
  const cycles = cyclesOf(terms);
  const subscription: Stripe.SubscriptionCreateParams = {
    customer: command.providerCustomerId,
    items: [{ price: command.providerPlanId, metadata: PLAN_MARK }],
    ...(providerSourceId !== undefined && { default_payment_method: providerSourceId }),
    off_session: true,
    // A first charge that is declined, or needs the customer, leaves no subscription behind.
    payment_behavior: 'error_if_incomplete',
    // The only mode with a pause that stops the cycles.
    billing_mode: { type: 'flexible' },
    proration_behavior: 'none',
    ...trialParams(terms, trialEnd),
    metadata: {
      ...metadata,
      subscriptionId,
      ...(installationId !== undefined && { installationId }),
      ...(cycles && { expiryCount: String(cycles.count) }),
    },
  };
  return { subscription, ...(cycles && { cycles }) };
}

/** A plan of so many cycles ends with the last of them again. */
function undone({ target, present }: UndoCancel): ProviderCall['request'] {
  const cycles = cyclesOf(present);
  return { target, ...(cycles && { cycles }) };
}

/** Days are counted by Stripe's clock, which may be a test's. */
function trialParams({ trialDays }: PlanTerms, trialEnd: Date | undefined): Stripe.SubscriptionCreateParams {
  if (trialEnd !== undefined) return { trial_end: Math.floor(trialEnd.getTime() / 1000) };
  return trialDays > 0 ? { trial_period_days: trialDays } : {};
}

/**
 * At Stripe an item has its new price at once, and without prorations it is first asked for when the next cycle
 * begins. Another length of the cycle would end the present one.
 */
function planChanged(command: ChangePlan): ProviderCall['request'] {
  const { target, present, presentPlanIds, terms, providerPlanId, timing } = command;
  if (present.money.currency !== terms.money.currency) {
    throw unsupported('planId', 'must be of the same currency at Stripe');
  }
  const isSameCycle = present.interval === terms.interval && present.frequency === terms.frequency;
  if (timing === 'at_period_end' && !isSameCycle) {
    throw unsupported('planId', 'must have cycles as long as the present plan, to take effect at their end');
  }
  const params: Stripe.SubscriptionUpdateParams =
    timing === 'at_period_end'
      ? { proration_behavior: 'none' }
      : // What has to be paid at once and is declined changes nothing.
        {
          proration_behavior: 'create_prorations',
          payment_behavior: 'error_if_incomplete',
          off_session: true,
        };
  const cycles = cyclesOf(terms);
  return {
    target,
    price: providerPlanId,
    ...(presentPlanIds && { presentPlanIds: [...presentPlanIds] }),
    timing,
    params,
    ...(cycles && { cycles }),
  };
}
