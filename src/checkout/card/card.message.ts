import type { Link } from '../page/page.links.js';
import type { Page } from '../page/page.renderer.js';
import { TEXTS } from '../reader/language.js';
import type { Reader } from '../reader/reader.js';
import type { Tone } from '../result/outcome.js';
import type { Told } from '../result/payment.message.js';
import { methodText } from '../texts/method.text.js';
import type { CardTexts, Message, Texts } from '../texts/texts.js';
import { type CardPage, type CardPageState, continueUrlOf, homeOfShop, shopOriginOf } from './card.page.js';

/** How a page answers that has no form: 503 while there is none, 410 when there will be none any more. */
const LOOKS: Readonly<Record<CardPageState, { status: number; tone: Tone }>> = {
  opening: { status: 503, tone: 'bad' },
  open: { status: 503, tone: 'bad' },
  over: { status: 410, tone: 'bad' },
  saved: { status: 200, tone: 'good' },
};

/** What a program is told in place of the page. `ok`: the card is saved. */
export function toldAboutCard(setup: CardPage, { language }: Reader): Told {
  const { cards } = TEXTS[language];
  const { text } = setup.state === 'open' ? { text: cards.lead } : messageOf(setup, cards);
  return { ok: setup.state === 'saved', message: text };
}

/** What is said in place of the form: the card is saved, it is too late, or there is no form to show. */
export function cardMessagePage(setup: CardPage, { language }: Reader): Page {
  const texts = TEXTS[language];
  const { title, text } = messageOf(setup, texts.cards);
  const { status, tone } = LOOKS[setup.state];
  const isSaved = setup.state === 'saved';
  const back = homeOfShop(setup, texts);
  const links = isSaved ? linksOf(setup, texts) : back.links;
  const content = {
    tone,
    text,
    facts: factsOf(setup, texts),
    links,
    hint: undefined,
    note: isSaved && links.length === 0 ? texts.cards.close : undefined,
    closing: isSaved ? undefined : back.closing,
    testMode: setup.livemode ? undefined : texts.cards.testMode,
  };
  return { template: 'message', language, title, status, opener: shopOriginOf(setup), content };
}

/** An open one that gets here has no form: it is not offered. */
function messageOf({ state, token }: CardPage, texts: CardTexts): Message {
  if (state === 'over') return texts.over;
  if (state !== 'saved') return texts.notOffered;
  return token === undefined ? texts.saved : { title: texts.saved.title, text: texts.handedOn };
}

function factsOf({ card }: CardPage, texts: Texts): { label: string; value: string }[] {
  if (card === undefined) return [];
  return [{ label: texts.methods.card ?? '', value: methodText({ type: 'card', ...card }, texts) }];
}

function linksOf(setup: CardPage, { links }: Texts): Link[] {
  const href = continueUrlOf(setup) ?? setup.homeUrl;
  if (href === undefined) return [];
  return [{ kind: 'primary', href, label: links.continueToShop, leavesFrame: true }];
}
