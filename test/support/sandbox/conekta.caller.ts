import { generateKeyPairSync } from 'node:crypto';
import {
  startConektaSandbox,
  type ConektaSandbox,
  type ConektaSandboxOptions,
} from '../../../sandbox/conekta/conekta.sandbox.js';
import type { Order } from '../../../sandbox/conekta/conekta.types.js';

export const ORDER_ID = '7c0f2f0e-9d7b-4a5e-8b59-1a4b6f0d2c33';

/** One pair for all tests of a file: a fresh one for each of them costs a tenth of a second. */
const WEBHOOK_KEY = generateKeyPairSync('rsa', { modulusLength: 2048 })
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString();

export const startSandbox = (options: ConektaSandboxOptions = {}): Promise<ConektaSandbox> =>
  startConektaSandbox({ webhookKey: WEBHOOK_KEY, retryScheduleMs: [1, 1], ...options });

export interface Reply {
  status: number;
  type: string;
  body: Record<string, unknown>;
}

type Body = Record<string, unknown>;
type Headers = Record<string, string>;

/** A caller as the service is one, without anything that would hide what is on the wire. */
export class ApiCaller {
  constructor(private readonly sandbox: ConektaSandbox) {}

  async call(method: string, path: string, body?: Body, headers: Headers = {}): Promise<Reply> {
    const answer = await fetch(`${this.sandbox.url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.sandbox.privateKey}`,
        accept: 'application/vnd.conekta-v2.3.0+json',
        'accept-language': 'en',
        'content-type': 'application/json',
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const parsed: Body = JSON.parse(await answer.text());
    return { status: answer.status, type: answer.headers.get('content-type') ?? '', body: parsed };
  }

  get(path: string): Promise<Reply> {
    return this.call('GET', path);
  }

  post(path: string, body: Body = {}): Promise<Reply> {
    return this.call('POST', path, body);
  }

  /** An order as the sandbox keeps it; throws when it was refused. */
  async order(changes: Body = {}): Promise<Order> {
    const { status, body } = await this.post('/orders', orderParams(changes));
    const order = this.sandbox.state().orders.find(({ id }) => id === body['id']);
    if (order) return order;
    throw new Error(`no order: ${status} ${JSON.stringify(body)}`);
  }

  async customer(changes: Body = {}): Promise<string> {
    const params = { name: 'Ana Prueba', email: 'ana@tienda.example', phone: '+525555550101', ...changes };
    return String((await this.post('/customers', params)).body['id']);
  }
}

export const CHECKOUT = { type: 'Integration', allowed_payment_methods: ['card', 'cash', 'bank_transfer'] };

/** Two keyboards for 398 pesos, to be paid in a checkout. */
export function orderParams(changes: Body = {}): Body {
  return {
    currency: 'MXN',
    customer_info: { name: 'Ana Prueba', email: 'ana@tienda.example', phone: '+525555550101' },
    line_items: [{ name: 'Teclado', unit_price: 19_900, quantity: 2 }],
    metadata: { orderId: ORDER_ID },
    ...(changes['charges'] === undefined && { checkout: CHECKOUT }),
    ...changes,
  };
}

/** Everything that an error says, by the code of its last part. */
export function problemsOf({ body }: Reply): { code: string; param: unknown; message: unknown }[] {
  const details: unknown = body['details'];
  if (!Array.isArray(details)) throw new Error(`not an error: ${JSON.stringify(body)}`);
  return details.map((detail: Body) => ({
    code: String(detail['code']).split('.').at(-1) ?? '',
    param: detail['param'],
    message: detail['message'],
  }));
}
