import { createHmac } from 'node:crypto';
import { StripeProvider } from '../../src/providers/stripe/stripe.provider.js';
import {
  DEFAULT_SECRET_KEY,
  DEFAULT_WEBHOOK_SECRET,
  startStripeSandbox,
  type StripeSandbox,
} from '../../sandbox/stripe/stripe.sandbox.js';
import { newReceiver } from '../support/stripe/adapter.bed.js';
import type { Made, ProviderStage, StageCard, StageOptions } from './provider.stage.js';
import { STAGE_INSTALLATION, StageClock } from './stage.clock.js';

/** A form can make no token of these: its page puts them to the bank. */
const READY_MADE: Record<Exclude<StageCard, 'pays'>, string> = {
  declines: 'pm_card_chargeCustomerFail',
  asks: 'pm_card_authenticationRequired',
};

const CARD_FORM = { mode: 'setup', currency: 'mxn', success_url: 'https://shop.example/ok' };

export async function openStripe({ timeoutMs, at }: StageOptions): Promise<ProviderStage> {
  const clock = new StageClock(at);
  const receiver = await newReceiver();
  const sandbox = await startStripeSandbox({ webhookUrls: [receiver.url], now: clock.unmoved });
  return {
    provider: new StripeProvider({
      secretKey: DEFAULT_SECRET_KEY,
      webhookSecrets: [DEFAULT_WEBHOOK_SECRET],
      apiBase: sandbox.url,
      publishableKey: 'pk_test_sandbox',
      timeoutMs,
      installationId: STAGE_INSTALLATION,
      clock,
    }),
    receiver,
    faults: sandbox.faults,
    paths: {
      session: '/v1/checkout/sessions',
      customer: '/v1/customers',
      plan: '/v1/prices',
      subscription: () => '/v1/subscriptions',
      card: (_customer, token) => `/v1/payment_methods/${token}/attach`,
      charge: '/v1/payment_intents',
    },
    delivery: sandbox.delivery,
    made: () => madeAt(sandbox),
    pay: async (sessionId) => void (await sandbox.payWithCard(sessionId)),
    refund: async (sessionId, amount) => void (await sandbox.refund(chargeOf(sandbox, sessionId), amount)),
    capture: async (sessionId, amount) => void (await sandbox.capture(intentOf(sandbox, sessionId), amount)),
    releaseHold: async (sessionId) => {
      await sandbox.panel.call('POST', `/v1/payment_intents/${intentOf(sandbox, sessionId)}/cancel`);
    },
    dispute: async (sessionId, act) => {
      const charge = chargeOf(sandbox, sessionId);
      if (act === 'open') return void (await sandbox.openDispute(charge));
      const dispute = sandbox.state().disputes.find((one) => one.charge === charge);
      await sandbox.closeDispute(dispute?.id ?? '', act);
    },
    events: () => sandbox.events,
    sign: (body, who) => {
      const secret = who === 'provider' ? DEFAULT_WEBHOOK_SECRET : 'whsec_of_somebody_else';
      const signedAt = Math.floor(clock.arrival().getTime() / 1000);
      const v1 = createHmac('sha256', secret).update(`${signedAt}.${body}`).digest('hex');
      return ['Stripe-Signature', `t=${signedAt},v1=${v1}`];
    },
    clock,
    advance: async (seconds) => {
      await clock.sleep(seconds * 1000);
      await sandbox.advance(seconds);
    },
    token: (card) => (card === 'pays' ? newToken(sandbox) : Promise.resolve(READY_MADE[card])),
    fillForm: async (sessionId) => {
      await sandbox.saveCard(sessionId);
      return undefined;
    },
    setCardOutcome: async (cardId, code) => void (await sandbox.setCardOutcome(cardId, code)),
    answerBank: async (intentId, approves) => void (await sandbox.authenticate(intentId, approves)),
    close: async () => {
      await sandbox.close();
      receiver.server.close();
    },
  };
}

/** A card that the form has kept for nobody. */
async function newToken(sandbox: StripeSandbox): Promise<string> {
  const session = await sandbox.panel.call('POST', '/v1/checkout/sessions', CARD_FORM);
  if (!('id' in session) || typeof session.id !== 'string') throw new Error('there is no form');
  const { paymentMethod } = await sandbox.saveCard(session.id);
  if (paymentMethod === null) throw new Error('the form has kept no card');
  return paymentMethod.id;
}

function madeAt(sandbox: StripeSandbox): Made {
  const { sessions, customers, prices, subscriptions, paymentMethods, charges } = sandbox.state();
  return {
    sessions: sessions.length,
    customers: customers.length,
    plans: prices.length,
    subscriptions: subscriptions.length,
    cards: paymentMethods.filter(({ customer }) => customer !== null).length,
    paidCharges: charges.filter(({ status }) => status === 'succeeded').length,
  };
}

function intentOf(sandbox: StripeSandbox, sessionId: string): string {
  const intent = sandbox.state().sessions.find(({ id }) => id === sessionId)?.payment_intent;
  if (typeof intent !== 'string') throw new Error(`${sessionId} has no payment intent`);
  return intent;
}

function chargeOf(sandbox: StripeSandbox, sessionId: string): string {
  const intent = intentOf(sandbox, sessionId);
  const charge = sandbox.state().charges.find((one) => one.payment_intent === intent);
  if (charge === undefined) throw new Error(`${sessionId} has no charge`);
  return charge.id;
}
