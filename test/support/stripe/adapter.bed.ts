import { createServer, type Server } from 'node:http';
import { totalOf } from '../../../src/kernel/money.js';
import type { SessionInput, ShippingContact } from '../../../src/providers/payment.ports.js';
import type { Outcome } from '../../../src/providers/provider.calls.js';

export const ORDER = '0d3c6c0e-3a51-4bb5-9d0b-5e1a2b3c4d5e';
export const PAYMENT = '0199aa00-0000-7000-8000-00000000abcd';
export const PAY_URL = `http://127.0.0.1:3003/pay/${PAYMENT}`;

export interface Delivery {
  body: Buffer;
  rawHeaders: string[];
}

export interface Receiver {
  url: string;
  deliveries: Delivery[];
  server: Server;
}

/** Keeps what Stripe delivers, as it arrived. */
export async function newReceiver(): Promise<Receiver> {
  const deliveries: Delivery[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      deliveries.push({ body: Buffer.concat(chunks), rawHeaders: request.rawHeaders });
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { url: `http://127.0.0.1:${address.port}/`, deliveries, server };
}

/** Where physical goods go. */
export const SHIPPING_CONTACT: ShippingContact = {
  receiver: 'Grace Hopper',
  phone: '+52 55 1234 5678',
  address: {
    street1: 'Nuevo León 254',
    street2: 'Depto. 404',
    postalCode: '06100',
    city: 'Ciudad de México',
    state: 'CDMX',
    country: 'MX',
  },
};

/** Two keyboards, less or more what the changes say. */
export function sessionInput(
  changes: Partial<SessionInput> = {},
  currency = 'USD',
  unitAmount = 1999n,
): SessionInput {
  const items = [{ name: 'Keyboard', unitAmount, quantity: 2 }];
  const sum = (list: SessionInput['taxes'] = []): bigint =>
    list.reduce((total, { amount }) => total + amount, 0n);
  const added = sum(changes.taxes) + sum(changes.shipping) - sum(changes.discounts);
  return {
    paymentId: PAYMENT,
    orderId: ORDER,
    items,
    taxes: [],
    shipping: [],
    discounts: [],
    money: { amount: totalOf(items, 'items') + added, currency },
    ui: 'hosted',
    successUrl: 'https://shop.example/ok',
    cancelUrl: 'https://shop.example/cancel',
    payUrl: PAY_URL,
    capture: 'automatic',
    installments: [],
    onDemand: false,
    metadata: { channel: 'web' },
    now: new Date(),
    ...changes,
  };
}

export function known<T>(outcome: Outcome<T>): T {
  if (!outcome.known) throw outcome.error;
  return outcome.value;
}
