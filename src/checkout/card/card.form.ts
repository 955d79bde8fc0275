import { Injectable } from '@nestjs/common';
import { CardFormSettings } from '../../config/settings.js';
import type { ErrorCode } from '../../kernel/errors.js';
import type { CardFormStyle } from '../../providers/billing.ports.js';
import type { EmbeddedCheckout } from '../../providers/payment.ports.js';
import { ProviderRegistry } from '../../providers/provider.registry.js';
import { formLoads, jsonIsland, type Page, pageScript } from '../page/page.renderer.js';
import { type Reader, TEXTS, tongueOf } from '../page/reader.js';
import type { Told, Tone } from '../payment/payment.message.js';
import type { CardTexts, Message } from '../texts/texts.en.js';
import { methodText } from '../texts/wording.js';
import { type CardPage, type CardPageState, continueUrlOf, homeOfShop, shopOriginOf } from './card.page.js';

const SCRIPTS = [
  pageScript(new URL('../payment/embed.browser.js', import.meta.url)),
  pageScript(new URL('./save.browser.js', import.meta.url)),
];

/** Of a page without a form: 503 while there is none, 410 when there will be none any more. */
const LOOKS: Readonly<Record<CardPageState, { status: number; tone: Tone }>> = {
  opening: { status: 503, tone: 'bad' },
  open: { status: 503, tone: 'bad' },
  over: { status: 410, tone: 'bad' },
  saved: { status: 200, tone: 'good' },
};

/** Decides by what a setup is now which page its customer gets at `/cards/new?setup=<id>`. */
@Injectable()
export class CardForms {
  constructor(
    private readonly providers: ProviderRegistry,
    private readonly style: CardFormSettings,
  ) {}

  show(setup: CardPage, browser: Reader): Page {
    // The operator's language, or the one that the shop asked for, or the browser's.
    const wishes = [this.style.language, setup.locale, browser.locale];
    const reader = { ...browser, ...tongueOf(wishes.filter((tag) => tag !== undefined)) };
    const form = setup.state === 'open' ? this.formOf(setup, reader) : undefined;
    return form === undefined
      ? cardMessagePage(setup, reader)
      : cardFormPage(setup, form, reader, this.style.frame);
  }

  /** Undefined where an operator took away the provider's keys since the setup was opened. */
  private formOf({ provider: name, embed }: CardPage, { language }: Reader) {
    const provider = this.providers.find(name);
    if (embed === undefined || provider?.capabilities.has('card_setups') !== true) return undefined;
    return provider.cardSetups?.form(embed, language, this.style);
  }
}

export function cardFormPage(
  setup: CardPage,
  form: EmbeddedCheckout,
  { language }: Reader,
  frame: CardFormStyle['frame'],
): Page {
  const { cards: texts, links, problems } = TEXTS[language];
  const { loading, notLoaded, notSeen, failed, notYet, saving } = texts;
  const { setupId, livemode } = setup;
  const shop = shopOriginOf(setup);
  // When our service refuses to save the card, by the error's code.
  const refusals: Partial<Record<ErrorCode, string>> = {
    card_declined: texts.declined,
    card_unusable: texts.unusable,
    transition_refused: texts.closed,
  };
  return {
    template: 'card',
    language,
    title: texts.title,
    loads: formLoads(form, [...SCRIPTS, form.driver], ["'self'"]),
    // Providers let registered origins use their forms.
    showsOrigin: true,
    style: frame && frameStyle(frame),
    opener: shop,
    content: {
      texts,
      tryAgain: links.tryAgain,
      self: `?setup=${setupId}`,
      scriptUrl: form.scriptUrl,
      ...homeOfShop(setup, TEXTS[language]),
      island: jsonIsland({
        config: form.config,
        setupId,
        saveAt: `new/${setupId}`,
        shop,
        texts: { loading, notLoaded, notSeen, failed, notYet, saving, problems, ...refusals },
      }),
      testMode: livemode ? undefined : texts.testMode,
    },
  };
}

function frameStyle({ textColor, backgroundColor }: NonNullable<CardFormStyle['frame']>): string {
  const rules = [textColor && `color: ${textColor};`, backgroundColor && `background: ${backgroundColor};`];
  return `\n#checkout:not(:empty) { ${rules.filter(Boolean).join(' ')} }\n`;
}

/** What a program is told in place of the page. `ok`: the card is saved. */
export function toldAboutCard(setup: CardPage, { language }: Reader): Told {
  const { cards } = TEXTS[language];
  const message = setup.state === 'open' ? cards.lead : messageOf(setup, cards).text;
  return { ok: setup.state === 'saved', message };
}

/** In place of the form: the card is saved, it is too late, or there is no form to show. */
function cardMessagePage(setup: CardPage, { language }: Reader): Page {
  const texts = TEXTS[language];
  const { title, text } = messageOf(setup, texts.cards);
  const { status, tone } = LOOKS[setup.state];
  const { card, state, homeUrl, livemode } = setup;
  const isSaved = state === 'saved';
  const onward = continueUrlOf(setup) ?? homeUrl;
  const label = texts.links.continueToShop;
  const back = isSaved
    ? { links: onward === undefined ? [] : [{ kind: 'primary', href: onward, label, leavesFrame: true }] }
    : homeOfShop(setup, texts);
  const content = {
    tone,
    text,
    facts:
      card === undefined
        ? []
        : [{ label: texts.methods.card ?? '', value: methodText({ type: 'card', ...card }, texts) }],
    note: isSaved && back.links.length === 0 ? texts.cards.close : undefined,
    testMode: livemode ? undefined : texts.cards.testMode,
    ...back,
  };
  return { template: 'message', language, title, status, opener: shopOriginOf(setup), content };
}

/** An open one that gets here has no form: it is not offered. */
function messageOf({ state, token }: CardPage, texts: CardTexts): Message {
  if (state === 'over') return texts.over;
  if (state !== 'saved') return texts.notOffered;
  return token === undefined ? texts.saved : { title: texts.saved.title, text: texts.handedOn };
}
