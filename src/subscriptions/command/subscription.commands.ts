import type { PaymentSourceRow } from '../../customers/customer/customer.tables.js';
import { invalidField, ServiceError } from '../../kernel/errors.js';
import type { PlanTerms, SubscriptionStatus } from '../../providers/billing.facts.js';
import type {
  OpenInvoices,
  PlanChangeTiming,
  SubscriptionCommand,
  SubscriptionTarget,
} from '../../providers/billing.ports.js';
import { unsupported } from '../../providers/provider.errors.js';
import type { PaymentProvider } from '../../providers/provider.port.js';
import { termsOf } from '../plan/plan.js';
import type { PlanRow } from '../plan/plan.tables.js';
import type { SubscriptionRow } from '../subscription/subscription.tables.js';

export type CallerCommand =
  | { name: 'pause' | 'resume' | 'retry' | 'undo_cancel' }
  | CancelCommand
  | { name: 'change_plan'; plan: PlanRow; timing: PlanChangeTiming }
  | { name: 'change_card'; card: PaymentSourceRow };

interface CancelCommand {
  name: 'cancel';
  atPeriodEnd: boolean;
  /** Default `keep`. */
  openInvoices?: OpenInvoices | undefined;
  /** Why, in the caller's words. */
  comment?: string | undefined;
}

export type CommandName = CallerCommand['name'];

/** What a command leads to, as its refusal names it. */
export const COMMAND_AIMS: Readonly<Record<CommandName, string>> = {
  pause: 'paused',
  resume: 'active',
  cancel: 'canceled',
  undo_cancel: 'active',
  retry: 'active',
  change_plan: 'another_plan',
  change_card: 'another_card',
};

/** Why it is refused; null: it is allowed. */
type Rulings = Readonly<Record<SubscriptionStatus, string | null>>;

const UNTIL_ITS_END: Rulings = {
  incomplete: null,
  in_trial: null,
  active: null,
  past_due: null,
  paused: null,
  canceled: 'it has ended for good',
};
const ONCE_BEGUN: Rulings = { ...UNTIL_ITS_END, incomplete: 'its first payment is not settled yet' };

/** What may be asked of a subscription by its status. */
export const COMMANDS: Readonly<Record<CommandName, Rulings>> = {
  pause: {
    ...ONCE_BEGUN,
    in_trial: 'its trial is not over, and only an active one can be paused',
    past_due: 'a cycle is not paid, and only an active one can be paused',
    paused: 'it is paused already',
  },
  resume: {
    ...ONCE_BEGUN,
    in_trial: 'it is not paused',
    active: 'it is not paused',
    past_due: 'it is not paused: a cycle is not paid',
  },
  cancel: UNTIL_ITS_END,
  // Where no end is set there is nothing to undo, and it is so already.
  undo_cancel: UNTIL_ITS_END,
  retry: {
    ...ONCE_BEGUN,
    in_trial: 'its trial is not over, and nothing was charged',
    active: 'every cycle so far is paid',
    paused: 'it is paused, and nothing is charged',
  },
  change_plan: ONCE_BEGUN,
  change_card: ONCE_BEGUN,
};

/** @throws ServiceError transition_refused, with `{from, to, reason}`. */
export function assertAllowed(command: CommandName, from: SubscriptionStatus): void {
  const reason = COMMANDS[command][from];
  if (reason === null) return;
  const to = COMMAND_AIMS[command];
  const message = `the subscription cannot go from ${from} to ${to} (${command}): ${reason}`;
  throw new ServiceError('transition_refused', message, { from, to, reason });
}

/** @throws ServiceError naming the field for what this provider cannot do, or does not have. */
export function assertPossible(command: CallerCommand, { name, capabilities }: PaymentProvider): void {
  const endsLater = capabilities.has('cancel_at_period_end');
  switch (command.name) {
    case 'cancel':
      if (command.atPeriodEnd && !endsLater)
        throw unsupported('atPeriodEnd', `must be false: ${name} cancels at once`);
      if (command.openInvoices === 'void' && !capabilities.has('void_invoices'))
        throw unsupported('openInvoices', `must be keep: ${name} has no invoices that could be voided`);
      return;
    case 'undo_cancel':
      if (!endsLater)
        throw unsupported('provider', `cannot undo it: ${name} cancels at once, and nothing is left to undo`);
      return;
    case 'change_card':
      return assertSameProvider(command.card, name);
    case 'change_plan':
      if (command.plan.provider !== name)
        throw invalidField('planId', `must be a plan of ${name}, which has the subscription`);
      if (command.timing === 'immediately' && !capabilities.has('subscription_proration'))
        throw unsupported('proration', `must be none: at ${name} a plan changes when its cycle ends`);
  }
}

/** @throws ServiceError card_unusable */
export function assertSameProvider(card: PaymentSourceRow, provider: string): void {
  if (card.provider === provider) return;
  const rule = `must be a card that ${provider} keeps, where the plan is`;
  throw new ServiceError('card_unusable', `paymentSourceId ${rule}`, [{ field: 'paymentSourceId', rule }]);
}

/** It is so already: nothing is to be sent. */
export function isFulfilled(command: CallerCommand, row: SubscriptionRow): boolean {
  switch (command.name) {
    case 'cancel':
      return isSetToEnd(command, row);
    case 'undo_cancel':
      return !row.cancelAtPeriodEnd;
    case 'change_card':
      return row.sourceId === command.card.id;
    case 'change_plan':
      if (command.timing === 'immediately')
        return row.planUid === command.plan.uid && row.nextPlanUid === null;
      return (row.nextPlanUid ?? row.planUid) === command.plan.uid;
    default:
      return false;
  }
}

/** `void` is sent again: new invoices may have been opened since. */
function isSetToEnd({ atPeriodEnd, openInvoices, comment }: CancelCommand, row: SubscriptionRow): boolean {
  if (!atPeriodEnd || !row.cancelAtPeriodEnd || openInvoices === 'void') return false;
  return comment === undefined || comment === row.cancelComment;
}

/** What the provider has for a subscription now. */
export interface AtProvider {
  target: SubscriptionTarget;
  present: PlanTerms;
  /** Every id of the present plan, and of the next one, at the provider. */
  presentPlanIds: readonly string[];
}

export function providerCommand(
  command: CallerCommand,
  { target, present, presentPlanIds }: AtProvider,
): Exclude<SubscriptionCommand, { kind: 'create_subscription' }> {
  switch (command.name) {
    case 'pause':
    case 'resume':
    case 'retry':
      return { kind: `${command.name}_subscription`, target };
    case 'cancel': {
      const { atPeriodEnd, openInvoices, comment } = command;
      return { kind: 'cancel_subscription', target, atPeriodEnd, openInvoices, comment };
    }
    case 'undo_cancel':
      return { kind: 'undo_cancel_subscription', target, present };
    case 'change_card':
      return { kind: 'change_card', target, providerSourceId: command.card.providerSourceId };
    case 'change_plan': {
      const { plan, timing } = command;
      const next = { providerPlanId: plan.providerPlanId ?? '', terms: termsOf(plan), timing };
      return { kind: 'change_plan', target, present, presentPlanIds, ...next };
    }
  }
}
