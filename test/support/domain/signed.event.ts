import { createHmac, randomUUID } from 'node:crypto';

export interface TestEvent {
  id: string;
  body: string;
}

/** An event of Stripe's about nothing that concerns us, unless told otherwise. */
export function stripeEvent(changes: Record<string, unknown> = {}): TestEvent {
  // Letters alone: digits that happen to be a card's number are redacted from the log.
  const id = `evt_${randomUUID()
    .replaceAll('-', '')
    .replace(/\d/g, (digit) => 'ghijklmnop'.charAt(Number(digit)))}`;
  const event = {
    id,
    object: 'event',
    api_version: '2026-10-28.endive',
    created: Math.floor(Date.now() / 1000),
    livemode: false,
    type: 'product.created',
    data: { object: { id: 'prod_1', object: 'product', name: 'Keyboard' } },
    ...changes,
  };
  return { id: String(event.id), body: JSON.stringify(event) };
}

/** The HMAC that Stripe puts after `v1=`. */
export function signatureOf(body: string | Buffer, secret: string, timestamp: number | string): string {
  return createHmac('sha256', secret).update(`${timestamp}.`).update(body).digest('hex');
}

/** A whole Stripe-Signature header. @param age in seconds; negative for the future */
export function signed(body: string | Buffer, secret: string, age = 0): string {
  const timestamp = Math.floor(Date.now() / 1000) - age;
  return `t=${timestamp},v1=${signatureOf(body, secret, timestamp)}`;
}
