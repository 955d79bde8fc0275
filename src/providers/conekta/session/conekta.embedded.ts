import { readFileSync } from 'node:fs';
import type { SessionEmbed } from '../../facts.js';
import type { EmbeddedCheckout } from '../../payment.ports.js';

export interface ConektaEmbedOptions {
  /** For browsers; undefined: nothing is embedded. */
  publicKey?: string | undefined;
  /** Another server's component script than Conekta's own; its frames are at the same server. */
  componentUrl?: string | undefined;
}

const COMPONENT_URL = 'https://pay.conekta.com/v1.0/js/conekta-checkout.min.js';
/** Frames of the component, and of the bank's question, are at several names. */
const OWN_ORIGINS = ['https://pay.conekta.com', 'https://*.conekta.com'];

const DRIVER = readFileSync(new URL('./conekta.embedded.browser.js', import.meta.url), 'utf8');

/** For a session or a card form inside a page of ours. @throws Error for what was made for no page. */
export function embeddedCheckout(
  embed: SessionEmbed,
  language: 'es' | 'en',
  { componentUrl, ...options }: ConektaEmbedOptions,
): EmbeddedCheckout {
  const { checkoutId, publicKey = options.publicKey } = embed;
  if (checkoutId === undefined || publicKey === undefined) throw new Error('the session was not embedded');
  const scriptUrl = componentUrl ?? COMPONENT_URL;
  const { origin } = new URL(scriptUrl);
  const isOwn = origin === new URL(COMPONENT_URL).origin;
  const others = isOwn ? OWN_ORIGINS : [origin];
  return {
    scriptUrl,
    driver: DRIVER,
    config: { checkoutId, publicKey, locale: language },
    sources: { script: [origin], frame: others, connect: others, image: others, inlineStyle: isOwn },
  };
}
