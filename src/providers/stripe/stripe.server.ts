import { isLiveKey } from '../../config/env.rules.js';

/** A live key moves real money: it goes to Stripe alone. */
export function assertSafeServer({
  secretKey,
  apiBase,
}: {
  secretKey: string;
  apiBase?: string | undefined;
}): void {
  if (isLiveKey(secretKey) && !isStripeItself(apiBase)) throw new Error('a live key may go to Stripe only');
}

/** Not a stand-in, nor anybody else. */
export function isStripeItself(apiBase: string | undefined): boolean {
  return apiBase === undefined || new URL(apiBase).origin === 'https://api.stripe.com';
}

export function serverOf(apiBase: string): { protocol: 'http' | 'https'; host: string; port: string } {
  const url = new URL(apiBase);
  const protocol = url.protocol === 'http:' ? 'http' : 'https';
  const port = url.port === '' ? { http: '80', https: '443' }[protocol] : url.port;
  return { protocol, host: url.hostname, port };
}
