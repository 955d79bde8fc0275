import type { ErrorCode } from '../../kernel/error.codes.js';
import type { CardFormStyle } from '../../providers/embedded.port.js';
import type { EmbeddedCheckout } from '../../providers/embedded.port.js';
import type { Page } from '../page/page.renderer.js';
import { formLoads } from '../pay/form.loads.js';
import { jsonIsland, pageScript } from '../pay/page.script.js';
import { TEXTS } from '../reader/language.js';
import type { Reader } from '../reader/reader.js';
import type { CardTexts } from '../texts/texts.js';
import { type CardPage, homeOfShop, shopOriginOf } from './card.page.js';

const SCRIPTS = [
  pageScript(new URL('../pay/embed.browser.js', import.meta.url)),
  pageScript(new URL('./save.browser.js', import.meta.url)),
];

/** The page on which a card is given to the provider, in the provider's own form. */
export function cardFormPage(
  setup: CardPage,
  form: EmbeddedCheckout,
  reader: Reader,
  frame: CardFormStyle['frame'],
): Page {
  const { cards: texts, links, problems } = TEXTS[reader.language];
  const { loading, notLoaded, notSeen, failed, notYet, saving } = texts;
  const { setupId, livemode } = setup;
  const shop = shopOriginOf(setup);
  return {
    template: 'card',
    language: reader.language,
    title: texts.title,
    loads: formLoads(form, [...SCRIPTS, form.driver], ["'self'"]),
    // Providers let their forms be used by the origins that a shop has registered.
    showsOrigin: true,
    style: frame && frameStyle(frame),
    opener: shop,
    content: {
      texts,
      tryAgain: links.tryAgain,
      self: `?setup=${setupId}`,
      scriptUrl: form.scriptUrl,
      ...homeOfShop(setup, TEXTS[reader.language]),
      island: jsonIsland({
        config: form.config,
        setupId,
        saveAt: `new/${setupId}`,
        shop,
        texts: { loading, notLoaded, notSeen, failed, notYet, saving, problems, ...refusals(texts) },
      }),
      testMode: livemode ? undefined : texts.testMode,
    },
  };
}

/** What is said when our service refuses to save the card, by the error's code. */
function refusals({ declined, unusable, closed }: CardTexts): Partial<Record<ErrorCode, string>> {
  return { card_declined: declined, card_unusable: unusable, transition_refused: closed };
}

/** The colours that the operator gave the provider's frame, for the place around it. */
function frameStyle({ textColor, backgroundColor }: NonNullable<CardFormStyle['frame']>): string {
  const rules = [
    ...(textColor === undefined ? [] : [`color: ${textColor};`]),
    ...(backgroundColor === undefined ? [] : [`background: ${backgroundColor};`]),
  ];
  return `\n#checkout:not(:empty) { ${rules.join(' ')} }\n`;
}
