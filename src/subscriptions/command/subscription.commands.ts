import { ServiceError } from '../../kernel/errors.js';
import type { SubscriptionStatus } from '../../providers/billing.facts.js';

export const COMMAND_NAMES = [
  'pause',
  'resume',
  'cancel',
  'undo_cancel',
  'retry',
  'change_plan',
  'change_card',
] as const;
export type CommandName = (typeof COMMAND_NAMES)[number];

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

type Ruling = 'allowed' | { refused: string };

const refused = (reason: string): Ruling => ({ refused: reason });

const ENDED = refused('it has ended for good');
const OPENING = refused('its first payment is not settled yet');

/** What may be asked of a subscription of a given status, or why not. Nothing that is refused is sent. */
export const COMMANDS: Readonly<Record<CommandName, Readonly<Record<SubscriptionStatus, Ruling>>>> = {
  pause: {
    incomplete: OPENING,
    in_trial: refused('its trial is not over, and only an active one can be paused'),
    active: 'allowed',
    past_due: refused('a cycle is not paid, and only an active one can be paused'),
    paused: refused('it is paused already'),
    canceled: ENDED,
  },
  resume: {
    incomplete: OPENING,
    in_trial: refused('it is not paused'),
    active: refused('it is not paused'),
    past_due: refused('it is not paused: a cycle is not paid'),
    paused: 'allowed',
    canceled: ENDED,
  },
  cancel: {
    incomplete: 'allowed',
    in_trial: 'allowed',
    active: 'allowed',
    past_due: 'allowed',
    paused: 'allowed',
    canceled: ENDED,
  },
  // Where no end is set there is nothing to undo, and it is so already.
  undo_cancel: {
    incomplete: 'allowed',
    in_trial: 'allowed',
    active: 'allowed',
    past_due: 'allowed',
    paused: 'allowed',
    canceled: ENDED,
  },
  retry: {
    incomplete: OPENING,
    in_trial: refused('its trial is not over, and nothing was charged'),
    active: refused('every cycle so far is paid'),
    past_due: 'allowed',
    paused: refused('it is paused, and nothing is charged'),
    canceled: ENDED,
  },
  change_plan: {
    incomplete: OPENING,
    in_trial: 'allowed',
    active: 'allowed',
    past_due: 'allowed',
    paused: 'allowed',
    canceled: ENDED,
  },
  change_card: {
    incomplete: OPENING,
    in_trial: 'allowed',
    active: 'allowed',
    past_due: 'allowed',
    paused: 'allowed',
    canceled: ENDED,
  },
};

/** @throws ServiceError transition_refused, with `{from, to, reason}`. */
export function assertAllowed(command: CommandName, from: SubscriptionStatus): void {
  const ruling = COMMANDS[command][from];
  if (ruling === 'allowed') return;
  const to = COMMAND_AIMS[command];
  const reason = ruling.refused;
  const message = `the subscription cannot go from ${from} to ${to} (${command}): ${reason}`;
  throw new ServiceError('transition_refused', message, { from, to, reason });
}
