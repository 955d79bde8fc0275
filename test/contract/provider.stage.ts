import { createHmac, createSign, generateKeyPairSync } from 'node:crypto';
import { ConektaProvider } from '../../src/providers/conekta/conekta.provider.js';
import type { PaymentProvider } from '../../src/providers/provider.port.js';
import { StripeProvider } from '../../src/providers/stripe/stripe.provider.js';
import { startConektaSandbox } from '../../src/sandbox/conekta/conekta.sandbox.js';
import type { Faults } from '../../src/sandbox/faults.js';
import {
  DEFAULT_SECRET_KEY,
  DEFAULT_WEBHOOK_SECRET,
  startStripeSandbox,
} from '../../src/sandbox/stripe/stripe.sandbox.js';
import { newReceiver, type Receiver } from '../support/stripe/adapter.bed.js';

/** An adapter in front of its stand-in, with what a customer and the provider do there. */
export interface ProviderStage {
  readonly provider: PaymentProvider;
  readonly receiver: Receiver;
  readonly faults: Faults;
  /** The path by which a session is made. */
  readonly createPath: string;
  /** What the stand-in gives each delivery: `settled` when all have arrived. */
  readonly delivery: { settled(): Promise<void>; resend(eventId: string): void };
  /** How many sessions or orders the stand-in has, whatever became of them. */
  readonly sessions: () => number;
  readonly pay: (sessionId: string) => Promise<void>;
  /** @param amount the provider's smallest unit @throws when it is more than is left */
  readonly refund: (sessionId: string, amount: number) => Promise<void>;
  readonly events: () => readonly { readonly id: string }[];
  /** Headers that sign these bytes as the provider, or as somebody else. */
  readonly sign: (body: string, who: 'provider' | 'stranger') => string[];
  readonly close: () => Promise<void>;
}

export type StageName = 'stripe' | 'conekta';

export function openStage(name: StageName, timeoutMs?: number): Promise<ProviderStage> {
  return name === 'stripe' ? openStripe(timeoutMs) : openConekta(timeoutMs);
}

async function openStripe(timeoutMs?: number): Promise<ProviderStage> {
  const receiver = await newReceiver();
  const sandbox = await startStripeSandbox({ webhookUrls: [receiver.url] });
  const chargeOf = (sessionId: string): string => {
    const { charges, sessions } = sandbox.state();
    const intent = sessions.find(({ id }) => id === sessionId)?.payment_intent;
    const charge = charges.find((one) => one.payment_intent === intent);
    if (charge === undefined) throw new Error(`${sessionId} has no charge`);
    return charge.id;
  };
  return {
    provider: new StripeProvider({
      secretKey: DEFAULT_SECRET_KEY,
      webhookSecrets: [DEFAULT_WEBHOOK_SECRET],
      apiBase: sandbox.url,
      publishableKey: 'pk_test_sandbox',
      timeoutMs,
    }),
    receiver,
    faults: sandbox.faults,
    createPath: '/v1/checkout/sessions',
    delivery: sandbox.delivery,
    sessions: () => sandbox.state().sessions.length,
    pay: async (sessionId) => void (await sandbox.payWithCard(sessionId)),
    refund: async (sessionId, amount) => void (await sandbox.refund(chargeOf(sessionId), amount)),
    events: () => sandbox.events,
    sign: (body, who) => {
      const secret = who === 'provider' ? DEFAULT_WEBHOOK_SECRET : 'whsec_of_somebody_else';
      const at = Math.floor(Date.now() / 1000);
      const v1 = createHmac('sha256', secret).update(`${at}.${body}`).digest('hex');
      return ['Stripe-Signature', `t=${at},v1=${v1}`];
    },
    close: async () => {
      await sandbox.close();
      receiver.server.close();
    },
  };
}

/** Made once: a key takes longer than a test. */
const keys = { provider: newPrivateKey(), stranger: newPrivateKey() };

function newPrivateKey(): string {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

async function openConekta(timeoutMs?: number): Promise<ProviderStage> {
  const receiver = await newReceiver();
  const sandbox = await startConektaSandbox({ webhookUrls: [receiver.url], webhookKey: keys.provider });
  return {
    provider: new ConektaProvider({
      privateKey: sandbox.privateKey,
      publicKey: sandbox.publicKey,
      livemode: false,
      webhookKeys: [sandbox.publicKeyPem],
      apiBase: sandbox.url,
      timeoutMs,
    }),
    receiver,
    faults: sandbox.faults,
    createPath: '/orders',
    delivery: sandbox.delivery,
    sessions: () => sandbox.state().orders.length,
    pay: async (sessionId) => void (await sandbox.payWithCard(sessionId)),
    refund: async (sessionId, amount) => void (await sandbox.refund(sessionId, amount)),
    events: () => sandbox.events,
    sign: (body, who) => {
      const foreign = createSign('RSA-SHA256').update(body).sign(keys.stranger, 'base64');
      return ['Digest', who === 'provider' ? sandbox.sign(body) : foreign];
    },
    close: async () => {
      await sandbox.close();
      receiver.server.close();
    },
  };
}
