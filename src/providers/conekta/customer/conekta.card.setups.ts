import type { CardFormStyle, CardSetup, CardSetupInput, CardSetupsPort } from '../../billing.ports.js';
import type { SessionEmbed } from '../../facts.js';
import { jsonOf, textOf, timeOf } from '../../json.read.js';
import type { EmbeddedCheckout } from '../../payment.ports.js';
import { andThen, inDoubt, known, type Outcome, type ProviderCall } from '../../provider.calls.js';
import { unsupported } from '../../provider.errors.js';
import type { ConektaClient } from '../conekta.client.js';
import { livemodeMismatch, unusableAnswer } from '../conekta.errors.js';
import { type ConektaEmbedOptions, embeddedCheckout } from '../session/conekta.embedded.js';

/** Forms in which a browser gives a card to Conekta, for a token known before. */
export class ConektaCardSetups implements CardSetupsPort {
  readonly attachesCards = false;

  constructor(
    private readonly client: Pick<ConektaClient, 'write'>,
    private readonly livemode: boolean,
    private readonly options: ConektaEmbedOptions,
  ) {}

  /** Conekta is told nothing of the customer, nor of us. */
  request(_input: CardSetupInput): ProviderCall['request'] {
    if (this.options.publicKey === undefined)
      throw unsupported('provider', 'cannot show a form for cards: CONEKTA_PUBLIC_KEY is not set');
    return { checkout: { returns_control_on: 'Token' } };
  }

  /** Sent again, it leaves a form behind that nobody has seen. */
  create(call: ProviderCall): Promise<Outcome<CardSetup>> {
    const { publicKey } = this.options;
    return andThen(
      this.client.write({ method: 'POST', path: '/tokens', body: call.request }),
      ({ id, checkout, livemode }) => {
        const { id: shown, expires_at } = jsonOf(checkout);
        const [token, checkoutId, expiresAt] = [textOf(id), textOf(shown), timeOf(expires_at)];
        if (token === undefined || checkoutId === undefined || expiresAt === undefined)
          return inDoubt(unusableAnswer('not_a_token_with_a_form'));
        if (livemode !== this.livemode) throw livemodeMismatch(livemode === true);
        const embed = { checkoutId, publicKey };
        return known({ providerSetupId: checkoutId, embed, token, expiresAt, livemode: this.livemode });
      },
    );
  }

  form(embed: SessionEmbed, language: 'es' | 'en', style: CardFormStyle): EmbeddedCheckout {
    return cardForm(embed, language, { style, ...this.options });
  }

  tokenOf(_providerSetupId: string): Promise<string | undefined> {
    return Promise.resolve(undefined);
  }
}

/** For a card form inside a page of ours. @throws Error for a setup that has none. */
export function cardForm(
  embed: SessionEmbed,
  language: 'es' | 'en',
  { style, ...options }: ConektaEmbedOptions & { style: CardFormStyle },
): EmbeddedCheckout {
  const locale = style.language ?? language;
  const page = embeddedCheckout(embed, locale, options);
  return { ...page, config: { ...page.config, look: JSON.stringify(lookOf(style, locale)) } };
}

/** The options of Conekta's component, which chooses what is undefined. */
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
