import { html, type Html, safeHref } from '../../page.html.js';
import type { CheckoutView } from '../checkout.acts.js';
import { sampleCard } from './card.entry.js';
import type { FrameMessage } from './frame.message.js';
import { textsIn } from './language.js';
import { type Attempt, methodChoices } from './method.choices.js';
import { paymentPage } from './payment.layout.js';
import { type Setting, stepPath } from './setting.js';
import { amountText } from './written.text.js';

export function firstAttempt(view: CheckoutView): Attempt {
  return { typed: sampleCard(view.customerName), wrong: [], problem: null };
}

/** Where the customer pays: in the whole window beside what is bought, in a frame alone. */
export function checkoutPage(
  setting: Setting,
  view: CheckoutView,
  attempt: Attempt,
  message?: FrameMessage,
): Html {
  const texts = textsIn(setting.language);
  const choices = html`<section class="card">${methodChoices(setting, view, attempt)}</section>`;
  const content = setting.frame ? choices : html`${orderSummary(setting, view)} ${choices}`;
  const title = texts.pay(amountText(view.amount, view.currency, setting.language));
  return paymentPage(setting, { title, layout: setting.frame ? 'narrow' : 'two', content, message });
}

/** The bank's question, as 3-D Secure puts it. */
export function challengePage(setting: Setting, view: CheckoutView): Html {
  const { challenge } = textsIn(setting.language);
  const content = html`<section class="card">
    <h1>${challenge.title}</h1>
    <p class="total">${amountText(view.amount, view.currency, setting.language)}</p>
    <p>${challenge.text}</p>
    <form method="post" action="${stepPath(setting, 'challenge')}" class="stack">
      <button type="submit" name="answer" value="approve" data-action="approve">${challenge.approve}</button>
      <button type="submit" name="answer" value="refuse" data-action="refuse" class="quiet">
        ${challenge.refuse}
      </button>
    </form>
  </section>`;
  return paymentPage(setting, { title: challenge.title, layout: 'narrow', content });
}

/** What is being paid for, and the way back without paying. */
function orderSummary({ language }: Setting, view: CheckoutView): Html {
  const texts = textsIn(language);
  const rows = view.items.map(
    ({ name, unitPrice, quantity }) =>
      html`<li>
        <span
          ><bdi>${name}</bdi>${quantity === 1 ? '' : html`<small>${texts.quantity(quantity)}</small>`}</span
        ><span class="money">${amountText(unitPrice * quantity, view.currency, language)}</span>
      </li>`,
  );
  return html`<section aria-label="${texts.yourOrder}">
    ${
      view.failureUrl !== null &&
      html`<a class="back" data-action="leave" href="${safeHref(view.failureUrl)}">&larr; ${texts.leave}</a>`
    }
    <h1>${texts.toPay}</h1>
    <p class="total">${amountText(view.amount, view.currency, language)}</p>
    <ul class="lines">
      ${rows}
    </ul>
  </section>`;
}
