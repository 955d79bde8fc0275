import { createHmac } from 'node:crypto';

/**
 * The value of `Stripe-Signature` for these bytes: one time, one `v1` per secret. While a secret is
 * being rolled Stripe signs with the old and the new one.
 *
 * @param seconds the time of this attempt, seconds since the epoch
 */
export function signWebhook(body: Buffer, secrets: string[], seconds: number): string {
  const signatures = secrets.map((secret) => {
    const hash = createHmac('sha256', secret).update(`${seconds}.`).update(body);
    return `v1=${hash.digest('hex')}`;
  });
  return [`t=${seconds}`, ...signatures].join(',');
}
