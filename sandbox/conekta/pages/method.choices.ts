import { html, type Html } from '../../page.html.js';
import type { CheckoutView } from '../checkout.acts.js';
import type { CardField, TypedCard } from './card.entry.js';
import { cardForm } from './card.form.js';
import { textsIn } from './language.js';
import { type Setting, stepPath } from './setting.js';
import { amountText } from './written.text.js';

/** How far the customer has come with the card form. */
export interface Attempt {
  typed: TypedCard;
  wrong: readonly CardField[];
  /** Why the last attempt came to nothing, in the customer's words; null before the first. */
  problem: string | null;
}

/** The card's form, and a button for each other way to pay that the sandbox plays. */
export function methodChoices(setting: Setting, view: CheckoutView, attempt: Attempt): Html {
  const texts = textsIn(setting.language);
  const byCard = view.methods.includes('card');
  const others = otherWays(setting, view);
  const heading = (text: string) => (setting.frame ? html`<h1>${text}</h1>` : html`<h2>${text}</h2>`);
  if (!byCard && others.length === 0) {
    return html`${heading(texts.nothingPlayed.title)}
      <p>${texts.nothingPlayed.text}</p>`;
  }
  const button = texts.pay(amountText(view.amount, view.currency, setting.language));
  return html`${heading(byCard ? texts.card.title : texts.ways)}
  ${attempt.problem && html`<p class="problem" role="alert">${attempt.problem}</p>`}
  ${byCard && cardForm(setting, { ...attempt, installments: view.installments, button })}
  ${
    others.length > 0 &&
    html`<section class="${byCard ? 'or' : ''}">
      ${byCard && (setting.frame ? html`<h2>${texts.otherWays}</h2>` : html`<h3>${texts.otherWays}</h3>`)}
      <div class="stack">${others}</div>
    </section>`
  }`;
}

function otherWays(setting: Setting, { methods }: CheckoutView): Html[] {
  const texts = textsIn(setting.language);
  const ways = [
    { method: 'cash', action: 'choose-cash', label: texts.cash, hint: texts.cashHint },
    { method: 'bank_transfer', action: 'choose-transfer', label: texts.transfer, hint: texts.transferHint },
  ];
  return ways
    .filter(({ method }) => methods.includes(method))
    .map(
      ({ method, action, label, hint }) =>
        html`<form method="post" action="${stepPath(setting, method)}">
          <button type="submit" class="quiet way" data-action="${action}">
            <strong>${label}</strong> <span class="hint">${hint}</span>
          </button>
        </form>`,
    );
}
