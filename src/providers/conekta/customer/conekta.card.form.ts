import type { CardFormStyle, EmbeddedCheckout } from '../../embedded.port.js';
import type { SessionEmbed } from '../../facts.js';
import { type ConektaEmbedOptions, embeddedCheckout } from '../session/conekta.embedded.js';

/** What one of our pages shows the form for a card with. @throws Error for a setup that has none. */
export function cardForm(
  embed: SessionEmbed,
  language: 'es' | 'en',
  { style, ...options }: ConektaEmbedOptions & { style: CardFormStyle },
): EmbeddedCheckout {
  const locale = style.language ?? language;
  const page = embeddedCheckout(embed, locale, options);
  return { ...page, config: { ...page.config, look: JSON.stringify(lookOf(style, locale)) } };
}

/** The options of Conekta's component; what is not wished for is the component's to choose. */
function lookOf(style: CardFormStyle, language: 'es' | 'en'): object {
  const { inputType, buttonType, borderColors, button, frame } = style;
  return {
    styles: { inputType, buttonType, states: borderColors && statesOf(borderColors) },
    // The first is how older releases of the component spell it.
    languaje: language,
    language,
    button: button && {
      text: button.text,
      colorText: button.textColor,
      backgroundColor: button.backgroundColor,
    },
    iframe: frame && { colorText: frame.textColor, backgroundColor: frame.backgroundColor },
  };
}

function statesOf(colors: NonNullable<CardFormStyle['borderColors']>): object {
  return Object.fromEntries(
    Object.entries(colors).flatMap(([state, borderColor]) =>
      borderColor === undefined ? [] : [[state, { borderColor }]],
    ),
  );
}
