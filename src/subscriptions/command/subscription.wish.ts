import type { PaymentSourceRow } from '../../customers/customer/customer.tables.js';
import { ServiceError } from '../../kernel/errors.js';
import type { PlanTerms } from '../../providers/billing.facts.js';
import type {
  OpenInvoices,
  PlanChangeTiming,
  SubscriptionCommand,
  SubscriptionTarget,
} from '../../providers/billing.ports.js';
import type { PaymentProvider } from '../../providers/provider.port.js';
import { unsupported } from '../../providers/provider.errors.js';
import { termsOf } from '../plan/plan.js';
import type { PlanRow } from '../plan/plan.tables.js';
import type { SubscriptionRow } from '../subscription/subscription.tables.js';

/** What a caller wants of a subscription. */
export type SubscriptionWish =
  | { name: 'pause' | 'resume' | 'retry' | 'undo_cancel' }
  | CancelWish
  | { name: 'change_plan'; plan: PlanRow; timing: PlanChangeTiming }
  | { name: 'change_card'; card: PaymentSourceRow };

export interface CancelWish {
  name: 'cancel';
  atPeriodEnd: boolean;
  /** Default `keep`. */
  openInvoices?: OpenInvoices | undefined;
  /** Why, in the caller's words. */
  comment?: string | undefined;
}

/** @throws ServiceError naming the field for what this provider cannot do, or does not have. */
export function assertPossible(wish: SubscriptionWish, { name, capabilities }: PaymentProvider): void {
  if (wish.name === 'cancel' && wish.atPeriodEnd && !capabilities.has('cancel_at_period_end')) {
    throw unsupported('atPeriodEnd', `must be false: ${name} cancels at once`);
  }
  if (
    wish.name === 'cancel' &&
    (wish.openInvoices ?? 'keep') === 'void' &&
    !capabilities.has('void_invoices')
  ) {
    throw unsupported('openInvoices', `must be keep: ${name} has no invoices that could be voided`);
  }
  if (wish.name === 'undo_cancel' && !capabilities.has('cancel_at_period_end')) {
    throw unsupported('provider', `cannot undo it: ${name} cancels at once, and nothing is left to undo`);
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
  if (wish.name === 'cancel') return isSetToEnd(wish, row);
  if (wish.name === 'undo_cancel') return !row.cancelAtPeriodEnd;
  if (wish.name === 'change_card') return row.sourceId === wish.card.id;
  if (wish.name !== 'change_plan') return false;
  if (wish.timing === 'immediately') return row.planUid === wish.plan.uid && row.nextPlanUid === null;
  return (row.nextPlanUid ?? row.planUid) === wish.plan.uid;
}

/** Invoices that were open when the end was set may have been followed by others. */
function isSetToEnd({ atPeriodEnd, openInvoices, comment }: CancelWish, row: SubscriptionRow): boolean {
  if (!atPeriodEnd || !row.cancelAtPeriodEnd || openInvoices === 'void') return false;
  return comment === undefined || comment === row.cancelComment;
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
      return {
        kind: 'cancel_subscription',
        target,
        atPeriodEnd: wish.atPeriodEnd,
        openInvoices: wish.openInvoices,
        comment: wish.comment,
      };
    case 'undo_cancel':
      return { kind: 'undo_cancel_subscription', target, present };
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
