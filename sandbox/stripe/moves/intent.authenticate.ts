import { refused } from '../stripe.errors.js';
import type { StripeWorld } from '../stripe.world.js';
import type { CardOutcome } from './card.payment.js';
import { authenticateIntent } from './intent.confirm.js';
import { answerSetup, type SaveOutcome } from './setup.moves.js';

/** The customer's answer to the bank, for a payment or a setup. Throws 400 for those of a session, whose page asks. */
export function authenticate(
  world: StripeWorld,
  intentId: string,
  approves: boolean,
): CardOutcome | SaveOutcome {
  const setup = world.setupIntents.get(intentId);
  if (!setup) return authenticateIntent(world, world.intent(intentId), approves);
  if (setup.sessionId) throw refused('This bank asks on the page of the Checkout Session.');
  return answerSetup(world, setup, approves);
}
