import type { Act } from './billing.controls.js';
import type { CardControls, SetupView } from './billing.sandbox.types.js';
import { failureNamed } from './card.failures.js';
import { cardByNumber, DEFAULT_CARD } from './card.numbers.js';
import { authenticate } from './moves/intent.direct.js';
import type { SaveOutcome } from './moves/setup.moves.js';
import { answerSetupSession, saveCard, setupOf } from './moves/setup.session.js';
import { missing } from './stripe.errors.js';
import type { SessionRecord } from './stripe.types.js';
import type { StripeWorld } from './stripe.world.js';

export function newCardControls(world: StripeWorld, act: Act): CardControls {
  const onSession = (id: string, change: (record: SessionRecord) => SaveOutcome) =>
    act(() => {
      const record = world.session(id);
      const outcome = change(record);
      return { ...viewOf(world, record), outcome };
    });
  return {
    saveCard: (id, { number = DEFAULT_CARD, ...payer } = {}) =>
      onSession(id, (record) => saveCard(world, record, { ...payer, card: cardByNumber(number) })),
    answerSetup: (id, approves) => onSession(id, (record) => answerSetupSession(world, record, approves)),
    authenticate: (id, approves) => act(() => ({ outcome: authenticate(world, id, approves) })),
    setCardOutcome: (id, declineCode) =>
      act(() => {
        const method = world.paymentMethod(id);
        const card = world.cards.get(id);
        if (!card) throw missing('card', id);
        card.forced = declineCode === null ? null : failureNamed(declineCode);
        return method;
      }),
  };
}

function viewOf(world: StripeWorld, record: SessionRecord): SetupView {
  const { intent } = setupOf(world, record);
  const paymentMethod =
    intent.status === 'succeeded' ? world.paymentMethods.get(intent.payment_method ?? '') : null;
  return { session: record.session, setupIntent: intent, paymentMethod: paymentMethod ?? null };
}
