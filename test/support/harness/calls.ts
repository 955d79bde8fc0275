import { randomUUID } from 'node:crypto';

/** Anything that serves HTTP at this URL. */
export interface Serving {
  readonly url: string;
}

export interface Answer<Body> {
  readonly status: number;
  readonly body: Body;
}

export interface SessionBody {
  readonly paymentId: string;
  readonly provider: string;
  readonly status: string;
  readonly url: string;
  readonly successUrl: string;
  readonly cancelUrl: string;
  readonly expiresAt: string | null;
  readonly checkoutId?: string;
  readonly publicKey?: string;
  readonly clientSecret?: string;
}

export interface PaymentBody {
  readonly paymentId: string;
  readonly orderId: string;
  readonly status: string;
  readonly amount: number;
  readonly amountCaptured: number;
  readonly amountRefunded: number;
  readonly currency: string;
  readonly adopted: boolean;
  readonly disputed: boolean;
  readonly reviewReason: string | null;
  readonly receiptUrl: string | null;
  readonly checkoutUrl: string | null;
  readonly version: number;
  readonly providerIds: { session: string | null; payment: string | null; charge: string | null };
  readonly paymentMethod: {
    type: string;
    last4: string | null;
    installments: number | null;
    reference: string | null;
    clabe: string | null;
  } | null;
}

export interface ReadinessAnswer {
  readonly status: string;
  readonly degraded: readonly { what: string; since: string; reason: string }[];
  readonly notes: readonly string[];
}

export interface ErrorAnswer {
  readonly code: string;
  readonly message: string;
  readonly details: { field?: string; rule?: string }[] & { paymentId?: string };
}

export interface Purchase {
  orderId: string;
  currency: string;
  items: { name: string; price: number; quantity: number }[];
}

/** What an orders service asks for: 39.98 dollars, for an order that nobody has seen before. */
export function purchase<Extra extends object>(extra?: Extra): Purchase & Extra {
  const items = [{ name: 'Teclado', price: 19.99, quantity: 2 }];
  const base: Purchase = { orderId: randomUUID(), currency: 'usd', items };
  return Object.assign(base, extra);
}

/** What Conekta wants besides: 850.50 pesos, and who pays. */
export function mexicanPurchase<Extra extends object>(extra?: Extra): Purchase & Extra {
  const mexican = {
    currency: 'MXN',
    provider: 'conekta',
    items: [{ name: 'Silla', price: 850.5, quantity: 1 }],
    customer: { name: 'Ana Pérez', email: 'ana@example.com', phone: '+525512345678' },
  };
  return Object.assign(purchase(mexican), extra);
}

export async function call<Body>(
  { url }: Serving,
  path: string,
  body?: object,
  headers: Record<string, string> = {},
): Promise<Answer<Body>> {
  const response = await fetch(`${url}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: body === undefined ? headers : { 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(60_000),
  });
  const parsed: Body = JSON.parse(await response.text());
  return { status: response.status, body: parsed };
}

/** @throws Error with the answer, when the session is refused */
export async function openSession(service: Serving, request: object): Promise<SessionBody> {
  const { status, body } = await call<SessionBody>(service, '/payments/create-session', request);
  if (status !== 201) throw new Error(`create-session answered ${status}: ${JSON.stringify(body)}`);
  return body;
}

export async function readPayment(service: Serving, paymentId: string): Promise<PaymentBody> {
  return (await call<PaymentBody>(service, `/payments/${paymentId}`)).body;
}

export async function paymentsOf(service: Serving, orderId: string): Promise<PaymentBody[]> {
  const { body } = await call<{ data: PaymentBody[] }>(service, `/payments?orderId=${orderId}`);
  return body.data;
}

/** A session with its id at the provider, where the customer's part is played. */
export async function openAtProvider(
  service: Serving,
  request: object,
): Promise<SessionBody & { sessionId: string }> {
  const session = await openSession(service, request);
  const { providerIds } = await readPayment(service, session.paymentId);
  if (providerIds.session === null) throw new Error(`payment ${session.paymentId} has no session`);
  return { ...session, sessionId: providerIds.session };
}
