import type { PaymentSourceRow } from '../../customers/card/card.tables.js';
import { ServiceError } from '../../kernel/errors.js';
import type { PlanTerms } from '../../providers/billing.facts.js';
import type {
  PlanChangeTiming,
  SubscriptionCommand,
  SubscriptionTarget,
} from '../../providers/billing.ports.js';
import type { PaymentProvider } from '../../providers/provider.port.js';
import { unsupported } from '../../providers/unsupported.js';
import { termsOf } from '../plan/plan.js';
import type { PlanRow } from '../plan/plan.tables.js';
import type { SubscriptionRow } from '../subscription/subscription.tables.js';

/** What a caller wants of a subscription. */
export type SubscriptionWish =
  | { name: 'pause' | 'resume' | 'retry' }
  | { name: 'cancel'; atPeriodEnd: boolean }
  | { name: 'change_plan'; plan: PlanRow; timing: PlanChangeTiming }
  | { name: 'change_card'; card: PaymentSourceRow };

/** @throws ServiceError naming the field for what this provider cannot do, or does not have. */
export function assertPossible(wish: SubscriptionWish, { name, capabilities }: PaymentProvider): void {
  if (wish.name === 'cancel' && wish.atPeriodEnd && !capabilities.has('cancel_at_period_end')) {
    throw unsupported('atPeriodEnd', `must be false: ${name} cancels at once`);
  }
  if (wish.name === 'change_card') assertSameProvider(wish.card.provider, name);
  if (wish.name !== 'change_plan') return;
  if (wish.plan.provider !== name) {
    const rule = `must be a plan of ${name}, which has the subscription`;
    throw new ServiceError('invalid_request', `planId ${rule}`, [{ field: 'planId', rule }]);
  }
  if (wish.timing === 'immediately' && !capabilities.has('subscription_proration')) {
    throw unsupported('proration', `must be none: at ${name} a plan changes when its cycle ends`);
  }
}

/** @throws ServiceError card_unusable */
export function assertSameProvider(ofCard: string, provider: string): void {
  if (ofCard === provider) return;
  const rule = `must be a card that ${provider} keeps, where the plan is`;
  throw new ServiceError('card_unusable', `paymentSourceId ${rule}`, [{ field: 'paymentSourceId', rule }]);
}

/** It is so already: nothing is to be sent. */
export function isFulfilled(wish: SubscriptionWish, row: SubscriptionRow): boolean {
  if (wish.name === 'cancel') return wish.atPeriodEnd && row.cancelAtPeriodEnd;
  if (wish.name === 'change_card') return row.sourceId === wish.card.id;
  if (wish.name !== 'change_plan') return false;
  if (wish.timing === 'immediately') return row.planUid === wish.plan.uid && row.nextPlanUid === null;
  return (row.nextPlanUid ?? row.planUid) === wish.plan.uid;
}

/**
 * @param present the terms that the provider has for it now.
 * @param presentPlanIds every id of the present plan, and of the next one, at the provider.
 */
export function commandOf(
  wish: SubscriptionWish,
  target: SubscriptionTarget,
  present: PlanTerms,
  presentPlanIds: readonly string[],
): Exclude<SubscriptionCommand, { kind: 'create_subscription' }> {
  switch (wish.name) {
    case 'pause':
      return { kind: 'pause_subscription', target };
    case 'resume':
      return { kind: 'resume_subscription', target };
    case 'retry':
      return { kind: 'retry_subscription', target };
    case 'cancel':
      return { kind: 'cancel_subscription', target, atPeriodEnd: wish.atPeriodEnd };
    case 'change_card':
      return { kind: 'change_card', target, providerSourceId: wish.card.providerSourceId };
    case 'change_plan':
      return {
        kind: 'change_plan',
        target,
        present,
        presentPlanIds,
        providerPlanId: wish.plan.providerPlanId ?? '',
        terms: termsOf(wish.plan),
        timing: wish.timing,
      };
  }
}
