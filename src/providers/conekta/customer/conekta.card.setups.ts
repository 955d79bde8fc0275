import type {
  CardFormStyle,
  CardSetup,
  CardSetupInput,
  CardSetupsPort,
  EmbeddedCheckout,
} from '../../embedded.port.js';
import type { SessionEmbed } from '../../facts.js';
import { jsonOf, textOf, timeOf } from '../../json.read.js';
import type { Outcome, ProviderCall } from '../../provider.port.js';
import { unsupported } from '../../provider.errors.js';
import { cardForm } from './conekta.card.form.js';
import type { ConektaClient } from '../conekta.client.js';
import type { ConektaEmbedOptions } from '../session/conekta.embedded.js';
import { livemodeMismatch, unusableAnswer } from '../conekta.errors.js';

/** Forms in which a browser gives a card to Conekta, for a token that is known before. */
export class ConektaCardSetups implements CardSetupsPort {
  readonly attachesCards = false;

  constructor(
    private readonly client: Pick<ConektaClient, 'write'>,
    private readonly livemode: boolean,
    private readonly options: ConektaEmbedOptions,
  ) {}

  /** Conekta is told nothing of the customer, nor of us. */
  plan(_input: CardSetupInput): ProviderCall['request'] {
    if (this.options.publicKey === undefined)
      throw unsupported('provider', 'cannot show a form for cards: CONEKTA_PUBLIC_KEY is not set');
    return { checkout: { returns_control_on: 'Token' } };
  }

  /** One that was sent before leaves a form behind that nobody has seen. */
  async create(call: ProviderCall): Promise<Outcome<CardSetup>> {
    const answer = await this.client.write({ method: 'POST', path: '/tokens', body: call.request });
    if (!answer.known) return answer;
    const { id, checkout: told, livemode } = answer.value;
    const checkout = jsonOf(told);
    const [token, checkoutId, expiresAt] = [textOf(id), textOf(checkout.id), timeOf(checkout.expires_at)];
    if (token === undefined || checkoutId === undefined || expiresAt === undefined)
      return { known: false, error: unusableAnswer('not_a_token_with_a_form') };
    if (livemode !== this.livemode) throw livemodeMismatch(livemode === true);
    const { publicKey } = this.options;
    const embed = { checkoutId, publicKey };
    return {
      known: true,
      value: { providerSetupId: checkoutId, embed, token, expiresAt, livemode: this.livemode },
    };
  }

  form(embed: SessionEmbed, language: 'es' | 'en', style: CardFormStyle): EmbeddedCheckout {
    return cardForm(embed, language, { style, ...this.options });
  }

  tokenOf(_providerSetupId: string): Promise<string | undefined> {
    return Promise.resolve(undefined);
  }
}
