import { describe, expect, it } from '@jest/globals';
import { ServiceError } from '../../kernel/errors.js';
import { SUBSCRIPTION_STATUSES, type SubscriptionStatus } from '../../providers/billing.facts.js';
import { statusOncePaid, statusVerdict } from './subscription.js';
import { assertAllowed, COMMAND_AIMS, type CommandName } from '../command/subscription.commands.js';

/** Down: what is kept. Across, in the order of SUBSCRIPTION_STATUSES: what was read. `subscription.` is left out. */
const VERDICTS: Record<SubscriptionStatus, string> = {
  incomplete: 'stale    updated activated past_due paused canceled',
  in_trial: '  conflict stale   activated past_due paused canceled',
  active: '    conflict updated stale     past_due paused canceled',
  past_due: '  conflict updated updated   stale    paused canceled',
  paused: '    conflict resumed resumed   past_due stale  canceled',
  canceled: '  conflict conflict conflict conflict conflict stale',
};

const ENDED = 'it has ended for good';
const OPENING = 'its first payment is not settled yet';

/** Why not, in the order of SUBSCRIPTION_STATUSES; null: it may be asked. */
const REFUSALS: Record<CommandName, { to: string; reasons: readonly (string | null)[] }> = {
  pause: {
    to: 'paused',
    reasons: [
      OPENING,
      'its trial is not over, and only an active one can be paused',
      null,
      'a cycle is not paid, and only an active one can be paused',
      'it is paused already',
      ENDED,
    ],
  },
  resume: {
    to: 'active',
    reasons: [
      OPENING,
      'it is not paused',
      'it is not paused',
      'it is not paused: a cycle is not paid',
      null,
      ENDED,
    ],
  },
  cancel: { to: 'canceled', reasons: [null, null, null, null, null, ENDED] },
  undo_cancel: { to: 'active', reasons: [null, null, null, null, null, ENDED] },
  retry: {
    to: 'active',
    reasons: [
      OPENING,
      'its trial is not over, and nothing was charged',
      'every cycle so far is paid',
      null,
      'it is paused, and nothing is charged',
      ENDED,
    ],
  },
  change_plan: { to: 'another_plan', reasons: [OPENING, null, null, null, null, ENDED] },
  change_card: { to: 'another_card', reasons: [OPENING, null, null, null, null, ENDED] },
};

const pairs = SUBSCRIPTION_STATUSES.flatMap((from) =>
  SUBSCRIPTION_STATUSES.map((to, index): [SubscriptionStatus, SubscriptionStatus, string] => [
    from,
    to,
    VERDICTS[from].trim().split(/ +/)[index] ?? '',
  ]),
);
const commands = Object.keys(COMMAND_AIMS).filter((name): name is CommandName => name in COMMAND_AIMS);
const asked = commands.flatMap((command) =>
  SUBSCRIPTION_STATUSES.map((from, index): [CommandName, SubscriptionStatus, string | null] => [
    command,
    from,
    REFUSALS[command].reasons[index] ?? null,
  ]),
);

describe('the machine of a subscription', () => {
  it.each(pairs)('that is %s, and of which %s was read, says %s', (from, to, expected) => {
    expect(statusVerdict(from, to).replace('subscription.', '')).toBe(expected);
  });

  it.each(SUBSCRIPTION_STATUSES)('does not take a payment of a %s one for its end', (from) => {
    for (const read of SUBSCRIPTION_STATUSES) {
      const paid = statusOncePaid(from, read);
      expect(paid === from || paid === 'active').toBe(true);
      if (from === 'canceled' || from === 'paused') expect(paid).toBe(from);
    }
  });
});

describe('a command', () => {
  it.each(asked)('to %s one that is %s: %s', (command, from, reason) => {
    const ask = (): void => assertAllowed(command, from);
    if (reason === null) return expect(ask).not.toThrow();
    const { to } = REFUSALS[command];
    let refusal: unknown;
    try {
      ask();
    } catch (error) {
      refusal = error;
    }
    expect(refusal).toBeInstanceOf(ServiceError);
    expect(refusal).toMatchObject({
      code: 'transition_refused',
      status: 409,
      details: { from, to, reason },
      message: `the subscription cannot go from ${from} to ${to} (${command}): ${reason}`,
    });
  });
});
