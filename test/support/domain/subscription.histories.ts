import fc from 'fast-check';
import { ProviderError } from '../../../src/providers/provider.errors.js';
import type { FakeSubscription, FakeSubscriptionRules, FakeSubscriptions } from './fake.subscriptions.js';

const MOVES = [
  'time',
  'decline',
  'pay',
  'pause',
  'resume',
  'retry',
  'cancel',
  'cancel at the end',
  'first plan',
  'second plan',
  'another card',
  'notice',
] as const;
export type Move = (typeof MOVES)[number];

/** What happens next: at the provider, or with the news of it. `pick` chooses which event or reading it is. */
export interface Turn {
  what: 'move' | 'read' | 'apply';
  pick: number;
}

export interface SubscriptionStory {
  /** Asked for by us; else made in the provider's panel. */
  byUs: boolean;
  trial: boolean;
  rules: FakeSubscriptionRules;
  moves: readonly Move[];
  turns: readonly Turn[];
}

const move = fc.oneof(
  { weight: 6, arbitrary: fc.constant<Move>('time') },
  { weight: 1, arbitrary: fc.constant<Move>('decline') },
  { weight: 1, arbitrary: fc.constant<Move>('pay') },
  { weight: 5, arbitrary: fc.constantFrom(...MOVES.filter((one) => one !== 'cancel')) },
  { weight: 1, arbitrary: fc.constantFrom(...MOVES) },
);

export const subscriptionStories: fc.Arbitrary<SubscriptionStory> = fc.record({
  byUs: fc.boolean(),
  trial: fc.boolean(),
  rules: fc.record({ keepsOurId: fc.boolean(), drafts: fc.boolean(), tellsRetries: fc.boolean() }),
  moves: fc.array(move, { minLength: 4, maxLength: 14 }),
  turns: fc.array(
    fc.record({
      what: fc.constantFrom<Turn['what']>('move', 'move', 'read', 'read', 'apply'),
      pick: fc.nat({ max: 997 }),
    }),
    { minLength: 8, maxLength: 24 },
  ),
});

/** A move that the provider would refuse changes nothing. */
export function play(
  at: FakeSubscriptions,
  one: FakeSubscription,
  what: Move,
  ids: { first: string; second: string; card: string },
): void {
  const moves: Record<Move, () => void> = {
    time: () => at.passTime(one),
    decline: () => void (one.declines = true),
    pay: () => void (one.declines = false),
    pause: () => at.pause(one),
    resume: () => at.resume(one),
    retry: () => at.retry(one),
    cancel: () => at.cancel(one, false),
    'cancel at the end': () => at.cancel(one, true),
    'first plan': () => changing(one) && at.changePlan(one, ids.first),
    'second plan': () => changing(one) && at.changePlan(one, ids.second),
    'another card': () => changing(one) && at.changeCard(one, ids.card),
    notice: () => at.announceTrialEnd(one),
  };
  try {
    moves[what]();
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
  }
}

function changing({ status }: FakeSubscription): boolean {
  return status !== 'canceled';
}
