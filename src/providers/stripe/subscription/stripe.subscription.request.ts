import type Stripe from 'stripe';
import type { PlanTerms } from '../../billing.facts.js';
import type { SubscriptionCommand } from '../../billing.ports.js';
import type { ProviderCall } from '../../provider.calls.js';
import { unsupported } from '../../provider.errors.js';
import { given } from '../../request.rules.js';
import { assertMetadata } from '../stripe.limits.js';
import { cyclesOf } from './stripe.cycles.js';
import { PLAN_MARK } from './stripe.subscription.read.js';

type Command<Kind> = Extract<SubscriptionCommand, { kind: Kind }>;

/** Our keys in metadata: two ids, the number of cycles and the operation's mark. */
const OURS = 4;

/** No credit for the paid time, and no charge in between. */
const PAUSE: Stripe.SubscriptionPauseParams = {
  type: 'subscription',
  bill_for: { unused_time_from: { type: 'none' }, outstanding_usage_through: { type: 'none' } },
};

/** The next charge keeps its day; none until then. */
const RESUME: Stripe.SubscriptionResumeParams = {
  billing_cycle_anchor: { type: 'unchanged' },
  proration_behavior: 'none',
};

/** Pure. @throws ServiceError naming the field for what Stripe cannot do. */
export function subscriptionRequest(
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
    case 'retry_subscription':
      return { target: command.target };
    case 'pause_subscription':
      return { target: command.target, params: PAUSE };
    case 'resume_subscription':
      return { target: command.target, params: RESUME };
    case 'cancel_subscription': {
      const { target, atPeriodEnd, openInvoices, comment } = command;
      return { target, atPeriodEnd, ...(openInvoices === 'void' && { openInvoices }), ...given({ comment }) };
    }
    case 'undo_cancel_subscription':
      return { target: command.target, ...given({ cycles: cyclesOf(command.present) }) };
  }
}

function created(
  command: Command<'create_subscription'>,
  installationId: string | undefined,
): ProviderCall['request'] {
  const { subscriptionId, terms, trialEnd, providerSourceId } = command;
  assertMetadata(command.metadata, OURS);
  const { expiryCount: _count, cyclesEnd: _end, ...metadata } = command.metadata;
  const cycles = cyclesOf(terms);
  const subscription: Stripe.SubscriptionCreateParams = {
    customer: command.providerCustomerId,
    items: [{ price: command.providerPlanId, metadata: PLAN_MARK }],
    ...given({ default_payment_method: providerSourceId }),
    off_session: true,
    // A first charge that is declined, or needs the customer, leaves no subscription.
    payment_behavior: 'error_if_incomplete',
    // Only this mode has a pause that stops the cycles.
    billing_mode: { type: 'flexible' },
    proration_behavior: 'none',
    ...trialParams(terms, trialEnd),
    metadata: {
      ...metadata,
      subscriptionId,
      ...given({ installationId }),
      ...(cycles && { expiryCount: String(cycles.count) }),
    },
  };
  return { subscription, ...given({ cycles }) };
}

/** Stripe's clock, which may be a test's, counts the days. */
function trialParams({ trialDays }: PlanTerms, trialEnd: Date | undefined): Stripe.SubscriptionCreateParams {
  if (trialEnd !== undefined) return { trial_end: Math.floor(trialEnd.getTime() / 1000) };
  return trialDays > 0 ? { trial_period_days: trialDays } : {};
}

/**
 * An item has its new price at once; without prorations the next cycle is the first to charge it. Another length would
 * end the present cycle.
 */
function planChanged(command: Command<'change_plan'>): ProviderCall['request'] {
  const { target, present, presentPlanIds, terms, providerPlanId: price, timing } = command;
  if (present.money.currency !== terms.money.currency) {
    throw unsupported('planId', 'must be of the same currency at Stripe');
  }
  const isSameCycle = present.interval === terms.interval && present.frequency === terms.frequency;
  if (timing === 'at_period_end' && !isSameCycle) {
    throw unsupported('planId', 'must have cycles as long as the present plan, to take effect at their end');
  }
  const params: Stripe.SubscriptionUpdateParams = {
    proration_behavior: timing === 'at_period_end' ? 'none' : 'create_prorations',
    // A declined payment leaves the plan as it is.
    ...(timing === 'immediately' && { payment_behavior: 'error_if_incomplete', off_session: true }),
  };
  return { target, price, timing, params, ...given({ presentPlanIds, cycles: cyclesOf(terms) }) };
}
