import { html, type Html } from '../../page.html.js';
import { textsIn } from './language.js';
import type { CardField, TypedCard } from './card.entry.js';
import { type Setting, stepPath } from './setting.js';
import type { Texts } from './texts.js';

export interface CardForm {
  typed: TypedCard;
  /** Fields that were refused before anybody was asked. */
  wrong: readonly CardField[];
  /** Months on offer; empty: none. */
  installments: readonly number[];
  button: string;
}

export function cardForm(setting: Setting, form: CardForm): Html {
  const texts = textsIn(setting.language);
  const input = inputsOf(form, texts);
  return html`<form method="post" action="${stepPath(setting, 'card')}" class="stack" novalidate>
    ${input('number', texts.card.number, html`inputmode="numeric" placeholder="4242 4242 4242 4242"`)}
    ${input('name', texts.card.name, html`placeholder=" "`)}
    <div class="pair">
      ${input('exp', texts.card.expiry, html`inputmode="numeric" placeholder="${texts.card.expiryFormat}"`)}
      ${input('cvc', texts.card.cvc, html`inputmode="numeric" placeholder="123" maxlength="4"`)}
    </div>
    ${form.installments.length > 0 && installments(form, texts)}
    ${
      setting.frame?.hidesButton !== true &&
      html`<button type="submit" data-action="pay">${setting.frame?.look.buttonText ?? form.button}</button>`
    }
    ${testNumbers(texts)}
  </form>`;
}

// The browser is told to remember nothing: it would offer the sandbox real cards.
function inputsOf({ typed, wrong }: CardForm, texts: Texts) {
  return (name: CardField, label: string, attributes: Html): Html => {
    const isWrong = wrong.includes(name);
    const problem = texts.problems[name];
    return html`<div class="field">
      <label for="card-${name}">${label}</label>
      <input
        id="card-${name}"
        name="${name}"
        value="${typed[name]}"
        ${attributes}
        autocomplete="off"
        required
        ${isWrong && html`aria-invalid="true" aria-describedby="wrong-${name}"`}
      />
      ${isWrong && html`<p class="wrong" id="wrong-${name}">${problem}</p>`}
    </div>`;
  };
}

function installments({ typed, installments: offered }: CardForm, texts: Texts): Html {
  const options = offered.map(
    (count) =>
      html`<option value="${count}" ${typed.installments === String(count) && html`selected`}>
        ${texts.card.months(count)}
      </option>`,
  );
  return html`<div class="field">
    <label for="card-installments">${texts.card.installments}</label>
    <select id="card-installments" name="installments">
      <option value="">${texts.card.atOnce}</option>
      ${options}
    </select>
  </div>`;
}

function testNumbers({ card }: Texts): Html {
  return html`<div class="note">
    ${card.testNumbers}
    <ul>
      <li><code>4242 4242 4242 4242</code> ${card.pays}</li>
      <li><code>4000 0000 0000 0002</code> ${card.declines}</li>
      <li><code>4000 0000 0000 9995</code> ${card.noFunds}</li>
      <li><code>4000 0025 0000 3155</code> ${card.challenges}</li>
    </ul>
  </div>`;
}
