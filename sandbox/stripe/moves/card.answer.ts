import { failureNamed, type CardFailure } from '../card.failures.js';
import type { StripeWorld } from '../stripe.world.js';

/** What the bank says when a card is put to it. */
export type CardAnswer = { kind: 'pays' } | { kind: 'declines'; failure: CardFailure } | { kind: 'asks' };

export interface Occasion {
  /** Nobody is there to answer the bank's question. */
  offSession?: boolean;
  /** The merchant wants the question even where the bank would not ask. */
  wantsChallenge?: boolean;
}

const PAYS: CardAnswer = { kind: 'pays' };
const UNANSWERED = failureNamed('authentication_required');
const DECLINED = failureNamed('generic_decline');

/** The answer to a charge. Methods that are no cards of this sandbox pay. */
export function chargeAnswer(world: StripeWorld, methodId: string, occasion: Occasion): CardAnswer {
  const kept = world.cards.get(methodId);
  if (!kept) return PAYS;
  const { card, forced, isSetUp } = kept;
  const asks =
    forced?.code === UNANSWERED.code ||
    card.plays === 'always_asks' ||
    (card.plays === 'asks' && (!isSetUp || occasion.wantsChallenge === true));
  if (forced && forced.code !== UNANSWERED.code) return { kind: 'declines', failure: forced };
  if (card.plays === 'declines' || card.plays === 'declines_later') {
    return { kind: 'declines', failure: card.failure ?? DECLINED };
  }
  if (!asks) return PAYS;
  return occasion.offSession ? { kind: 'declines', failure: UNANSWERED } : { kind: 'asks' };
}

/** The answer to a card that is only to be kept. */
export function setupAnswer(world: StripeWorld, methodId: string): CardAnswer {
  const kept = world.cards.get(methodId);
  if (!kept) return PAYS;
  if (kept.card.plays === 'declines') return { kind: 'declines', failure: kept.card.failure ?? DECLINED };
  return kept.card.plays === 'asks' || kept.card.plays === 'always_asks' ? { kind: 'asks' } : PAYS;
}
