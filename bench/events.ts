import { createHmac, randomBytes } from 'node:crypto';

export const SECRET = 'whsec_bench';
/** Made and signed at once when the supply has run out. */
const BATCH = 500;
/** Makes the body 1.5 kB, as long as a charge of Stripe's with an address, and without a word that says anything. */
const FILLER = 'x'.repeat(620);

export interface BenchEvent {
  /** The whole request, as it goes over the wire. */
  readonly request: Buffer;
  readonly orderId: string;
}

/** Events that are made and signed before the clock runs. Whoever takes them all gets new ones all the same. */
export class EventSupply {
  private readonly ready: BenchEvent[] = [];
  private made = 0;
  private readonly run = randomBytes(4).toString('hex');

  /** @param make from a name that no other event has. */
  constructor(private readonly make: (name: string, made: number) => BenchEvent = adoptedCharge) {}

  prepare(count: number): this {
    while (this.ready.length < count) this.ready.unshift(this.make(`${this.run}x${this.made}`, this.made++));
    return this;
  }

  next(): BenchEvent {
    const event = this.ready.pop();
    return event ?? this.prepare(BATCH).next();
  }
}

/** A charge of a session that this service did not open: all that it needs is in the event. */
export function adoptedCharge(name: string): BenchEvent {
  return { request: signedRequest(chargeBody(name)), orderId: orderIdOf(name) };
}

/** The same event signed with another secret. */
export function forgedCharge(name: string): BenchEvent {
  return { request: signedRequest(chargeBody(name), 'whsec_guessed'), orderId: orderIdOf(name) };
}

export function chargeBody(name: string, changes: Record<string, unknown> = {}): string {
  const now = Math.floor(Date.now() / 1000);
  const charge = {
    id: `ch_${name}`,
    object: 'charge',
    amount: 3998,
    amount_captured: 3998,
    amount_refunded: 0,
    captured: true,
    created: now,
    currency: 'usd',
    description: FILLER,
    disputed: false,
    failure_code: null,
    livemode: false,
    metadata: { orderId: orderIdOf(name) },
    paid: true,
    payment_intent: `pi_${name}`,
    payment_method_details: { type: 'card', card: { brand: 'visa', last4: '4242', installments: null } },
    receipt_url: `https://pay.stripe.com/receipts/${name}`,
    refunded: false,
    status: 'succeeded',
  };
  return JSON.stringify({
    id: `evt_${name}`,
    object: 'event',
    api_version: '2026-10-28.endive',
    created: now,
    type: 'charge.succeeded',
    livemode: false,
    pending_webhooks: 1,
    request: { id: null, idempotency_key: null },
    data: { object: { ...charge, ...changes } },
  });
}

export function signedRequest(body: string, secret = SECRET): Buffer {
  const at = Math.floor(Date.now() / 1000);
  const signature = createHmac('sha256', secret).update(`${at}.${body}`).digest('hex');
  return httpRequest('POST', '/webhooks/stripe', body, `Stripe-Signature: t=${at},v1=${signature}\r\n`);
}

/** @param headers lines, each with its end. */
export function httpRequest(method: string, path: string, body = '', headers = ''): Buffer {
  const type = body === '' ? '' : 'Content-Type: application/json\r\n';
  return Buffer.from(
    `${method} ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n${type}${headers}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

export function orderIdOf(name: string): string {
  return `order-${name}`;
}
