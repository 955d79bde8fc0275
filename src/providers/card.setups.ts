import type { CardFormSettings } from '../config/settings.js';
import type { EmbeddedCheckout } from './embedded.checkout.js';
import type { SessionEmbed } from './facts.js';
import type { Outcome, PaymentProvider, ProviderCall } from './provider.port.js';

/** A page on which a customer saves a card, as it is asked of the provider. */
export interface CardSetupInput {
  /** Ours. */
  setupId: string;
  /** Whom the card will belong to; undefined: the token is handed on. */
  providerCustomerId?: string | undefined;
  /** Our own page, where the provider's form sends the browser when it has to leave it. */
  returnUrl: string;
  locale?: string | undefined;
}

export interface CardSetup {
  /** The provider's id of the form. */
  providerSetupId: string;
  /** What the browser needs to show the form. */
  embed: SessionEmbed;
  /** Where the provider makes it before the form is filled in. */
  token?: string | undefined;
  expiresAt: Date;
  livemode: boolean;
}

export type CardFormStyle = Readonly<CardFormSettings>;

export interface CardSetupsPort {
  /** The exact request. Pure. @throws ServiceError naming the field for what this provider cannot do. */
  plan(input: CardSetupInput): ProviderCall['request'];
  /** @throws ProviderError for a definite refusal. */
  create(call: ProviderCall): Promise<Outcome<CardSetup>>;
  /**
   * How our page shows the form. The driver calls `finished(token?)` of `window.checkoutPage` when the customer has
   * saved a card: with the token where the browser gets it, without where the provider is asked (`tokenOf`).
   */
  form(embed: SessionEmbed, language: 'es' | 'en', style: CardFormStyle): EmbeddedCheckout;
  /**
   * The token that came of a form, as the provider says; undefined: of this provider the browser gets it, or the
   * customer has not finished. @throws ProviderError
   */
  tokenOf(providerSetupId: string): Promise<string | undefined>;
  /** True: the provider has given the card to the customer already, when the form is finished. */
  readonly attachesCards: boolean;
}

/** A provider with the capability `card_setups`. */
export interface SavesCards {
  readonly cardSetups: CardSetupsPort;
}

export function savesCards(provider: PaymentProvider): provider is PaymentProvider & SavesCards {
  return 'cardSetups' in provider;
}
