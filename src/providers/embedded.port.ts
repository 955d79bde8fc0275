import type { CardFormSettings } from '../config/settings.js';
import type { SessionEmbed } from './facts.js';
import type { Outcome, ProviderCall } from './provider.calls.js';

/** What a provider's form may say is wrong. The words are the page's, in its own language. */
export type FormProblem =
  | 'card_declined'
  | 'insufficient_funds'
  | 'expired_card'
  | 'card_blocked'
  | 'not_authenticated'
  | 'no_installments'
  | 'invalid_card';

/** How one of our pages shows a provider's checkout inside itself. */
export interface EmbeddedCheckout {
  /** The provider's script; it is loaded before `driver` runs. */
  scriptUrl: string;
  /**
   * A classic script of the provider's folder. It reads `window.checkoutPage`: `config` (below), `target` (the id
   * of the element to fill) and the callbacks `ready()` (the form can be seen), `finished()` and `failed(reason)`,
   * where the reason is a {@link FormProblem} or nothing: before `ready` the form did not load, after it nobody knows
   * why. What the callbacks say is for the page alone: no payment is believed to be paid because of them.
   */
  driver: string;
  /** What the driver needs, as JSON. */
  config: Readonly<Record<string, string>>;
  /** Origins that the page's Content-Security-Policy allows beside our own. */
  sources: {
    script: readonly string[];
    frame: readonly string[];
    connect: readonly string[];
    image: readonly string[];
    /** True where the provider's script writes styles into the page. */
    inlineStyle: boolean;
  };
}

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
  request(input: CardSetupInput): ProviderCall['request'];
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
