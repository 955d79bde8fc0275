import type { SessionEmbed } from './facts.js';
import type { PaymentProvider } from './provider.port.js';

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

/** A provider with the capability `embedded_checkout`. */
export interface EmbedsCheckout {
  embeddedCheckout(embed: SessionEmbed, language: 'es' | 'en'): EmbeddedCheckout;
}

export function embedsCheckout(provider: PaymentProvider): provider is PaymentProvider & EmbedsCheckout {
  return 'embeddedCheckout' in provider;
}
