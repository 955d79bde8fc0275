import { html, type Html } from '../../page.html.js';
import { sampleCard } from './card.entry.js';
import { cardForm } from './card.form.js';
import type { FrameMessage } from './frame.message.js';
import { textsIn } from './language.js';
import type { Attempt } from './method.choices.js';
import { paymentPage } from './payment.layout.js';
import type { Setting } from './setting.js';

export const FIRST_CARD: Attempt = { typed: sampleCard(''), wrong: [], problem: null };

/** The form of the card component: it makes a token and moves no money. */
export function tokenPage(setting: Setting, attempt: Attempt, message?: FrameMessage): Html {
  const { card } = textsIn(setting.language);
  const content = html`<section class="card">
    <h1>${card.saveTitle}</h1>
    ${attempt.problem && html`<p class="problem" role="alert">${attempt.problem}</p>`}
    ${cardForm(setting, { ...attempt, installments: [], button: card.save })}
  </section>`;
  return paymentPage(setting, { title: card.saveTitle, layout: 'narrow', content, message });
}
