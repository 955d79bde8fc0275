import type { SessionEmbed } from './facts.js';
import type { PaymentProvider } from './provider.port.js';

/** How one of our pages shows a provider's checkout inside itself. */
export interface EmbeddedCheckout {
  /** The provider's script; it is loaded before `driver` runs. */
  scriptUrl: string;
  /**
   * A classic script of the provider's folder. It reads `window.checkoutPage`: `config` (below), `target` (the id
   * of the element to fill) and the callbacks `ready()`, `finished()` and `failed(message)`. What the callbacks
   * say is for the page alone: no payment is believed to be paid because of them.
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
