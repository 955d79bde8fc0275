import type { SubscriptionCommand } from '../../billing.ports.js';
import { unsupported } from '../../provider.errors.js';
import { given } from '../../request.rules.js';
import { assertCurrency } from '../conekta.account.js';
import type { RecordedWrite } from '../conekta.request.js';
import { customerPath } from '../customer/conekta.customer.request.js';

/**
 * The exact request of a command. Pure. What Conekta has no place for (metadata, our id, comments) stays with us.
 * @throws ServiceError capability_not_supported naming `proration`, `atPeriodEnd`, `openInvoices` or `provider`.
 */
export function subscriptionRequest(command: SubscriptionCommand): RecordedWrite {
  if (command.kind === 'create_subscription') {
    const { providerCustomerId: customerId, providerPlanId: planId, terms, trialEnd } = command;
    assertCurrency(terms.money);
    const body = {
      plan_id: planId,
      ...given({ card_id: command.providerSourceId }),
      ...(trialEnd !== undefined && { trial_end: Math.floor(trialEnd.getTime() / 1000) }),
    };
    return { method: 'POST', path: subscriptionsPath(customerId), body, customerId, planId };
  }
  const { providerCustomerId: customerId, providerSubscriptionId: subscriptionId } = command.target;
  const path = `${subscriptionsPath(customerId)}/${encodeURIComponent(subscriptionId)}`;
  const target = { path, customerId, subscriptionId };
  const put = (body: Record<string, unknown>) => ({ method: 'PUT', ...target, body }) as const;
  const post = (verb: string) => ({ method: 'POST', ...target, path: `${path}/${verb}` }) as const;
  switch (command.kind) {
    case 'change_plan':
      if (command.timing === 'immediately')
        throw unsupported('proration', 'is not available at Conekta: a plan changes when its cycle ends');
      return put({ plan_id: command.providerPlanId });
    case 'change_card':
      return put({ card_id: command.providerSourceId });
    case 'pause_subscription':
      return post('pause');
    case 'resume_subscription':
      return post('resume');
    case 'cancel_subscription':
      if (command.atPeriodEnd) throw unsupported('atPeriodEnd', 'must be false: Conekta cancels at once');
      if (command.openInvoices === 'void')
        throw unsupported('openInvoices', 'must be keep: Conekta has no invoices that could be voided');
      return post('cancel');
    case 'undo_cancel_subscription':
      throw unsupported('provider', 'cannot undo it: Conekta cancels at once, and nothing is left to undo');
    case 'retry_subscription':
      return post('retry');
  }
}

export function subscriptionsPath(customerId: string): string {
  return `${customerPath(customerId)}/subscriptions`;
}
