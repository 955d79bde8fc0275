import { booleanIn, optional, stringIn } from '../control.input.js';
import type { ControlTable } from '../control.server.js';
import type { BillingControls, CardControls } from './billing.sandbox.types.js';
import { dunningIn, panelIn } from './control.input.js';

/** Controls of saved cards, below `/_sandbox/`. */
export function cardPosts(controls: CardControls): ControlTable['posts'] {
  return {
    'sessions/:id/save': (id, input) =>
      controls.saveCard(id, {
        number: optional(input, 'number', stringIn),
        email: optional(input, 'email', stringIn),
        name: optional(input, 'name', stringIn),
      }),
    'sessions/:id/save/challenge': (id, input) => controls.answerSetup(id, booleanIn(input, 'approve')),
    'payment_intents/:id/challenge': (id, input) => controls.authenticate(id, booleanIn(input, 'approve')),
    'setup_intents/:id/challenge': (id, input) => controls.authenticate(id, booleanIn(input, 'approve')),
    'payment_methods/:id/outcome': (id, input) =>
      controls.setCardOutcome(id, input['code'] === null ? null : stringIn(input, 'code')),
  };
}

/** The dashboard, below `/_sandbox/`: `{method, path, params}` of any operation of the API. */
export function billingPosts(controls: BillingControls): ControlTable['posts'] {
  return {
    panel: (_id, input) => {
      const { method, path, params } = panelIn(input);
      return controls.panel.call(method, path, params);
    },
    dunning: (_id, input) => controls.setDunning(dunningIn(input)),
  };
}
