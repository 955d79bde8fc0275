import type { SubscriptionCommand, SubscriptionTarget } from '../../billing.ports.js';
import { unsupported } from '../../provider.errors.js';
import { assertCurrency } from '../conekta.limits.js';
import type { Planned } from '../conekta.request.js';
import { customerPath } from '../customer/conekta.customer.request.js';

type Create = Extract<SubscriptionCommand, { kind: 'create_subscription' }>;
type Change = Extract<SubscriptionCommand, { kind: 'change_plan' }>;

/**
 * The exact request of a command. Pure. What Conekta has no place for (metadata, our id) stays with us.
 * @throws ServiceError capability_not_supported naming `proration`, `atPeriodEnd`, `openInvoices` or `provider`.
 */
export function subscriptionRequest(command: SubscriptionCommand): Planned {
  switch (command.kind) {
    case 'create_subscription':
      return creation(command);
    case 'change_plan':
      return { method: 'PUT', ...targeted(command.target), body: changeBody(command) };
    case 'change_card':
      return { method: 'PUT', ...targeted(command.target), body: { card_id: command.providerSourceId } };
    case 'pause_subscription':
      return { method: 'POST', ...targeted(command.target, '/pause') };
    case 'resume_subscription':
      return { method: 'POST', ...targeted(command.target, '/resume') };
    case 'cancel_subscription':
      if (command.atPeriodEnd) throw unsupported('atPeriodEnd', 'must be false: Conekta cancels at once');
      if (command.openInvoices === 'void')
        throw unsupported('openInvoices', 'must be keep: Conekta has no invoices that could be voided');
      // It has no place for a comment, which stays with us.
      return { method: 'POST', ...targeted(command.target, '/cancel') };
    case 'undo_cancel_subscription':
      throw unsupported('provider', 'cannot undo it: Conekta cancels at once, and nothing is left to undo');
    case 'retry_subscription':
      return { method: 'POST', ...targeted(command.target, '/retry') };
  }
}

export function subscriptionsPath(customerId: string): string {
  return `${customerPath(customerId)}/subscriptions`;
}

function creation({
  providerCustomerId,
  providerPlanId,
  terms,
  providerSourceId,
  trialEnd,
}: Create): Planned {
  assertCurrency(terms.money);
  return {
    method: 'POST',
    path: subscriptionsPath(providerCustomerId),
    body: {
      plan_id: providerPlanId,
      ...(providerSourceId !== undefined && { card_id: providerSourceId }),
      ...(trialEnd !== undefined && { trial_end: Math.floor(trialEnd.getTime() / 1000) }),
    },
    customerId: providerCustomerId,
    planId: providerPlanId,
  };
}

function changeBody({ providerPlanId, timing }: Change): Record<string, unknown> {
  if (timing === 'immediately')
    throw unsupported('proration', 'is not available at Conekta: a plan changes when its cycle ends');
  return { plan_id: providerPlanId };
}

function targeted(
  { providerCustomerId, providerSubscriptionId }: SubscriptionTarget,
  verb = '',
): Pick<Planned, 'path' | 'customerId' | 'subscriptionId'> {
  return {
    path: `${subscriptionsPath(providerCustomerId)}/${encodeURIComponent(providerSubscriptionId)}${verb}`,
    customerId: providerCustomerId,
    subscriptionId: providerSubscriptionId,
  };
}
