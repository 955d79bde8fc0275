import { readFileSync } from 'node:fs';
import Stripe from 'stripe';
import type { StripeSettings } from '../../../config/settings.js';
import type { SessionEmbed } from '../../facts.js';
import type { EmbeddedCheckout } from '../../payment.ports.js';

/** Without a `publishableKey` nothing is embedded. */
export type StripeEmbedOptions = Partial<Pick<StripeSettings, 'publishableKey' | 'scriptUrl'>>;

const DRIVER = readFileSync(new URL('./stripe.embedded.browser.js', import.meta.url), 'utf8');

/** Stripe.js is released by API version, and served from here only. */
const SCRIPT_URL = `https://js.stripe.com/${Stripe.MAJOR_API_VERSION}/stripe.js`;

/**
 * From Stripe's security guide: Stripe.js, redirect methods and embedded Checkout. It lists no styles, but the script
 * sizes its frames by style attributes.
 */
const SCRIPTS = ['https://js.stripe.com', 'https://*.js.stripe.com', 'https://checkout.stripe.com'];
const STRIPE_SOURCES: EmbeddedCheckout['sources'] = {
  script: SCRIPTS,
  frame: [...SCRIPTS, 'https://hooks.stripe.com'],
  connect: ['https://api.stripe.com', 'https://checkout.stripe.com'],
  image: ['https://*.stripe.com'],
  inlineStyle: true,
};

/** @throws Error for a session that was not embedded. */
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
  // Another release of Stripe's own script.
  if (origin === new URL(SCRIPT_URL).origin) return STRIPE_SOURCES;
  return { script: [origin], frame: [origin], connect: [], image: [], inlineStyle: false };
}
