import type { NatsSettings, OrdersSettings } from '../../../src/config/settings.js';

export const LOOKUP_TIMEOUT_MS = 300;

export function natsSettings(url: string): NatsSettings {
  return {
    servers: [url],
    user: undefined,
    password: undefined,
    credsFile: undefined,
    token: undefined,
    tls: false,
    tlsCaFile: undefined,
    inboxPrefix: '_INBOX',
    streamMaxAgeDays: 30,
    streamReplicas: 1,
  };
}

/** Those of the reference orders service. */
export function ordersSettings(change: Partial<OrdersSettings> = {}): OrdersSettings {
  return {
    findSubject: 'findOneOrder',
    timeoutMs: LOOKUP_TIMEOUT_MS,
    currency: 'USD',
    adoptSince: undefined,
    requestSubjects: [],
    eventSubject: 'payment.succeeded',
    eventKeys: { stripePaymentId: 'stripePaymentId', orderId: 'orderId', receiptUrl: 'receiptUrl' },
    idType: 'string',
    ...change,
  };
}
