import { html, safeHref, type Html } from '../../page.html.js';
import type { PageLanguage } from '../../page.layout.js';
import type { SessionRecord } from '../stripe.types.js';
import type { Typed } from './method.forms.js';
import { linkOut, returnUrl, sessionPage } from './session.page.js';
import { setupTexts, type SetupTexts } from './setup.texts.js';

/** The page where the customer types a card to be kept. `problem` is shown after a refused attempt. */
export function setupPage(
  record: SessionRecord,
  language: PageLanguage,
  problem: string | null,
  typed: Typed,
): Html {
  const texts = setupTexts(language);
  const { session } = record;
  const content = html`${
      session.cancel_url &&
      html`<a class="back" id="abandon" href="${safeHref(session.cancel_url)}">&larr; ${texts.leave}</a>`
    }
    <section class="card" aria-labelledby="save-title">
      <h1 id="save-title">${texts.title}</h1>
      <p class="hint">${texts.hint}</p>
      ${problem && html`<p class="problem" role="alert">${problem}</p>`}
      <form method="post" action="/c/pay/${session.id}/save" class="stack">
        ${fields(record, texts, typed)} ${testNumbers(texts)}
        <button type="submit">${texts.save}</button>
      </form>
      <p class="foot">Session ${session.id.slice(0, 16)}&hellip;</p>
    </section>`;
  return sessionPage(record, {
    title: texts.pageTitle,
    language,
    provider: 'Stripe',
    layout: 'narrow',
    content,
  });
}

/** The bank's question about a card that is to be kept. */
export function setupQuestion(record: SessionRecord, language: PageLanguage): Html {
  const texts = setupTexts(language);
  const content = html`<section class="card" aria-labelledby="question">
    <h1 id="question">${texts.question.title}</h1>
    <p>${texts.question.text}</p>
    <form method="post" action="/c/pay/${record.session.id}/save/challenge" class="stack">
      ${answers(texts)}
    </form>
  </section>`;
  return sessionPage(record, {
    title: texts.pageTitle,
    language,
    provider: 'Stripe',
    layout: 'narrow',
    content,
  });
}

/** What the session shows when there is nothing left to do in it. */
export function setupClosed(record: SessionRecord, language: PageLanguage): Html {
  const texts = setupTexts(language);
  const isSaved = record.session.status === 'complete';
  const { title, text } = isSaved ? texts.saved : texts.expired;
  const back = isSaved ? returnUrl(record) : record.session.cancel_url;
  const content = html`<section class="card">
    <span class="mark ${isSaved ? 'good' : 'wait'}" aria-hidden="true">${isSaved ? '✓' : '!'}</span>
    <h1>${title}</h1>
    <p>${text}</p>
    ${back && linkOut(record, back, texts.back)}
  </section>`;
  const parts = { title: texts.pageTitle, language, provider: 'Stripe', layout: 'narrow', content } as const;
  return sessionPage(record, parts, isSaved);
}

export function answers({ question }: SetupTexts): Html {
  return html`<button type="submit" name="answer" value="approve">${question.approve}</button>
    <button type="submit" name="answer" value="refuse" class="quiet">${question.refuse}</button>`;
}

function fields(record: SessionRecord, texts: SetupTexts, typed: Typed): Html {
  const known = record.session.customer_details;
  return html`${
      !known?.email &&
      html`<div class="field">
        <label for="card-email">${texts.email}</label>
        <input
          id="card-email"
          name="email"
          type="email"
          autocomplete="email"
          required
          value="${typed.email ?? 'buyer@example.com'}"
        />
      </div>`
    }
    <div class="field">
      <label for="card-number">${texts.number}</label>
      <input
        id="card-number"
        name="number"
        inputmode="numeric"
        autocomplete="off"
        required
        maxlength="24"
        aria-describedby="test-numbers"
        value="${typed.number ?? '4242 4242 4242 4242'}"
      />
    </div>
    <div class="pair">
      <div class="field">
        <label for="card-expiry">${texts.expiry}</label>
        <input
          id="card-expiry"
          name="expiry"
          inputmode="numeric"
          autocomplete="off"
          placeholder="${texts.expiryFormat}"
          value="12 / 34"
        />
      </div>
      <div class="field">
        <label for="card-cvc">${texts.cvc}</label>
        <input id="card-cvc" name="cvc" inputmode="numeric" autocomplete="off" maxlength="4" value="123" />
      </div>
    </div>
    <div class="field">
      <label for="card-name">${texts.name}</label>
      <input
        id="card-name"
        name="name"
        autocomplete="name"
        required
        maxlength="100"
        value="${typed.name ?? known?.name ?? 'Sandbox Buyer'}"
      />
    </div>`;
}

function testNumbers({ testNumbers: title, tests }: SetupTexts): Html {
  return html`<div class="note" id="test-numbers">
    ${title}
    <ul>
      <li><code>4242 4242 4242 4242</code> ${tests.saves}</li>
      <li><code>4000 0000 0000 0002</code> ${tests.declines}</li>
      <li><code>4000 0000 0000 0341</code> ${tests.declinesLater}</li>
      <li><code>4000 0025 0000 3155</code> ${tests.asks}</li>
    </ul>
  </div>`;
}
