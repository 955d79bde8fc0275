import type { FastifyInstance } from 'fastify';
import type { CheckoutActs } from '../checkout.acts.js';
import { serveScripts } from './asset.routes.js';
import { serveCheckout } from './checkout.routes.js';
import { frameSetting, publicKeyOf, windowSetting } from './setting.js';
import { serveTokenForm } from './token.routes.js';

export interface CheckoutPagesParts {
  acts: CheckoutActs;
  /** The key that the component must come with. */
  publicKey: string;
  /** Where this server is reached: pictures of vouchers come from there. */
  baseUrl: () => string;
}

/** Everything that a customer's browser gets from this Conekta: the component, its frames, the hosted page. */
export function serveCheckoutPages(server: FastifyInstance, parts: CheckoutPagesParts): void {
  const { acts, publicKey, baseUrl } = parts;
  const admits = (request: Parameters<typeof publicKeyOf>[0]) => publicKeyOf(request) === publicKey;
  serveScripts(server);
  serveCheckout(server, { prefix: '/checkout', settingOf: windowSetting, admits: () => true, acts, baseUrl });
  serveCheckout(server, { prefix: '/component/checkouts', settingOf: frameSetting, admits, acts, baseUrl });
  serveTokenForm(server, { admits, acts, baseUrl });
}
