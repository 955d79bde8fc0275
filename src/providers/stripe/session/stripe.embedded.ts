import { readFileSync } from 'node:fs';
import Stripe from 'stripe';
import type { SessionEmbed } from '../../facts.js';
import type { EmbeddedCheckout } from '../../payment.ports.js';

export interface StripeEmbedOptions {
  /** For browsers; undefined: nothing is embedded. */
  publishableKey?: string | undefined;
  /** Another server's Stripe.js, such as a stand-in's. */
  scriptUrl?: string | undefined;
}

const DRIVER = readFileSync(new URL('./stripe.embedded.browser.js', import.meta.url), 'utf8');

/** Stripe.js is released under the names of the API's versions; Stripe serves it from there and nowhere else. */
const SCRIPT_URL = `https://js.stripe.com/${Stripe.MAJOR_API_VERSION}/stripe.js`;

/**
 * What Stripe's security guide lists for Stripe.js, for methods that lead elsewhere and back, and for embedded
 * Checkout. It lists no styles, but the script sizes its frames by style attributes.
 */
const STRIPE_SOURCES: EmbeddedCheckout['sources'] = {
  script: ['https://js.stripe.com', 'https://*.js.stripe.com', 'https://checkout.stripe.com'],
  frame: [
    'https://js.stripe.com',
    'https://*.js.stripe.com',
    'https://checkout.stripe.com',
    'https://hooks.stripe.com',
  ],
  connect: ['https://api.stripe.com', 'https://checkout.stripe.com'],
  image: ['https://*.stripe.com'],
  inlineStyle: true,
};

/** What one of our pages shows a session with. @throws Error for a session that was not embedded. */
export function embeddedCheckout(
  embed: SessionEmbed,
  language: 'es' | 'en',
  options: StripeEmbedOptions,
): EmbeddedCheckout {
  const { clientSecret, publicKey = options.publishableKey } = embed;
  if (clientSecret === undefined || publicKey === undefined) throw new Error('the session was not embedded');
  const { scriptUrl } = options;
  return {
    scriptUrl: scriptUrl ?? SCRIPT_URL,
    driver: DRIVER,
    config: { clientSecret, publishableKey: publicKey, locale: language },
    sources: scriptUrl === undefined ? STRIPE_SOURCES : sourcesAt(scriptUrl),
  };
}

function sourcesAt(scriptUrl: string): EmbeddedCheckout['sources'] {
  const { origin } = new URL(scriptUrl);
  // A script at Stripe itself, such as another release of it, needs all of Stripe.
  if (origin === new URL(SCRIPT_URL).origin) return STRIPE_SOURCES;
  return { script: [origin], frame: [origin], connect: [], image: [], inlineStyle: false };
}
