import { createSign, generateKeyPairSync } from 'node:crypto';
import { ConektaProvider } from '../../src/providers/conekta/conekta.provider.js';
import { type ConektaSandbox, startConektaSandbox } from '../../sandbox/conekta/conekta.sandbox.js';
import { newReceiver } from '../support/stripe/adapter.bed.js';
import type { Made, ProviderStage, StageCard, StageOptions } from './provider.stage.js';
import { STAGE_INSTALLATION, StageClock } from './stage.clock.js';

/** Made once: a key takes longer than a test. */
const keys = { provider: newPrivateKey(), stranger: newPrivateKey() };

const NUMBERS: Record<StageCard, string> = {
  pays: '4242424242424242',
  declines: '4000000000009995',
  asks: '4000002500003155',
};
const HOLDER = 'Ana Pérez';

export async function openConekta({ timeoutMs, at }: StageOptions): Promise<ProviderStage> {
  const clock = new StageClock(at);
  const receiver = await newReceiver();
  const sandbox = await startConektaSandbox({
    webhookUrls: [receiver.url],
    webhookKey: keys.provider,
    now: clock.unmoved,
  });
  const cards = (customer: string): string => `/customers/${customer}/payment_sources`;
  return {
    provider: new ConektaProvider({
      privateKey: sandbox.privateKey,
      publicKey: sandbox.publicKey,
      livemode: false,
      webhookKeys: [sandbox.publicKeyPem],
      apiBase: sandbox.url,
      timeoutMs,
      installationId: STAGE_INSTALLATION,
      clock,
    }),
    receiver,
    faults: sandbox.faults,
    paths: {
      session: '/orders',
      customer: '/customers',
      plan: '/plans',
      subscription: (customer) => `/customers/${customer}/subscriptions`,
      card: cards,
      charge: '/orders',
    },
    delivery: sandbox.delivery,
    made: () => madeAt(sandbox),
    pay: async (sessionId) => void (await sandbox.payWithCard(sessionId)),
    refund: async (sessionId, amount) => void (await sandbox.refund(sessionId, amount)),
    capture: async (sessionId, amount) => void (await sandbox.capture(sessionId, amount)),
    releaseHold: async (sessionId) => void (await sandbox.refundHold(sessionId)),
    dispute: async (sessionId, act) => {
      if (act === 'open') await sandbox.openChargeback(sessionId);
      else await sandbox.closeChargeback(sessionId, act);
    },
    events: () => sandbox.events,
    sign: (body, who) => {
      const foreign = createSign('RSA-SHA256').update(body).sign(keys.stranger, 'base64');
      return ['Digest', who === 'provider' ? sandbox.sign(body) : foreign];
    },
    clock,
    advance: async (seconds) => {
      await clock.sleep(seconds * 1000);
      await sandbox.advance(seconds);
    },
    token: async (card) => sandbox.acts.createToken({ number: NUMBERS[card], name: HOLDER }).id,
    fillForm: async (checkoutId) =>
      sandbox.acts.createToken({ number: NUMBERS.pays, name: HOLDER }, checkoutId).id,
    setCardOutcome: async (sourceId, code) => void (await sandbox.setCardOutcome(sourceId, code)),
    answerBank: async (orderId, approves) => void (await sandbox.answerChallenge(orderId, approves)),
    close: async () => {
      await sandbox.close();
      receiver.server.close();
    },
  };
}

function madeAt(sandbox: ConektaSandbox): Made {
  const { orders, customers, plans, subscriptions, sources } = sandbox.state();
  const charges = orders.flatMap((order) => order.charges?.data ?? []);
  return {
    sessions: orders.length,
    customers: customers.length,
    plans: plans.length,
    subscriptions: subscriptions.length,
    cards: sources.length,
    paidCharges: charges.filter(({ status }) => status === 'paid').length,
  };
}

function newPrivateKey(): string {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}
