import { newIntent } from '../objects/intent.object.js';
import type {
  CardOptionsParams,
  IntentCreateParams,
  IntentUpdateParams,
  IntentConfirmParams,
} from '../params/intent.params.js';
import { mergedMetadata } from '../params/shared.params.js';
import { badParameter, refused } from '../stripe.errors.js';
import { checkChargeable, readCurrency } from '../stripe.money.js';
import type { Intent, IntentRecord, PaymentMethod } from '../stripe.types.js';
import type { StripeWorld } from '../stripe.world.js';
import { chooseMethod, OPEN, wrongState } from './intent.moves.js';
import { answerChallenge, tryMethod, type CardOutcome } from './card.payment.js';
import { declinedError } from './card.refusal.js';
import { hearOfIntent } from './invoice.payment.js';
import { bindMethod } from './method.moves.js';
import { answerSetup, type SaveOutcome } from './setup.moves.js';

/** Months that Mexican cards are offered. */
const INSTALLMENTS = [3, 6, 9, 12, 18, 24];

/** A payment intent without a session, as a server that takes cards itself makes it. */
export function createIntent(world: StripeWorld, params: IntentCreateParams): Intent {
  const currency = readCurrency(params.currency, 'currency');
  checkChargeable(params.amount, currency, 'amount');
  if (params.customer !== undefined) world.customer(params.customer, 'customer');
  const card = params.payment_method_options?.card;
  const intent = newIntent(world, {
    amount: params.amount,
    currency,
    methods: ['card'],
    captureMethod: params.capture_method ?? (card?.capture_method || 'automatic_async'),
    metadata: params.metadata ?? {},
    customer: params.customer ?? null,
    description: params.description ?? null,
    receiptEmail: params.receipt_email ?? null,
    shipping: params.shipping,
    automaticMethods: params.automatic_payment_methods?.enabled !== false,
    futureUsage: { payment: params.setup_future_usage ?? null, card: null },
  });
  intent.allowed_payment_method_types = params.allowed_payment_method_types ?? null;
  if (params.automatic_payment_methods?.allow_redirects === 'never') {
    intent.automatic_payment_methods = { allow_redirects: 'never', enabled: true };
  }
  applyCardOptions(intent, card);
  if (params.confirm) requireReturnUrl(intent, params);
  const record: IntentRecord = { intent, sessionId: null, invoiceId: null };
  if (params.payment_method !== undefined) chooseMethod(world, intent, params.payment_method);
  world.intents.set(intent.id, record);
  world.log.emit('payment_intent.created', intent);
  return params.confirm ? confirmIntent(world, record, { ...params, payment_method: undefined }) : intent;
}

export function updateIntent(world: StripeWorld, record: IntentRecord, params: IntentUpdateParams): Intent {
  const { intent } = record;
  intent.metadata = mergedMetadata(intent.metadata, params.metadata);
  if (params.description !== undefined) intent.description = params.description || null;
  if (params.receipt_email !== undefined) intent.receipt_email = params.receipt_email || null;
  if (params.customer !== undefined) intent.customer = world.customer(params.customer, 'customer').id;
  applyCardOptions(intent, params.payment_method_options?.card);
  if (params.amount === undefined && params.currency === undefined && params.payment_method === undefined) {
    return intent;
  }
  if (record.sessionId) throw badParameter('The amount of a Checkout Session is fixed.', 'amount');
  if (!OPEN.includes(intent.status)) throw wrongState(intent, 'updated', OPEN);
  const currency = params.currency ? readCurrency(params.currency, 'currency') : intent.currency;
  const amount = params.amount ?? intent.amount;
  checkChargeable(amount, currency, 'amount');
  intent.amount = amount;
  intent.currency = currency;
  if (params.payment_method !== undefined) chooseMethod(world, intent, params.payment_method);
  return intent;
}

/** Installments and 3-D Secure, as the intent shows them. */
export function applyCardOptions(intent: Intent, options: CardOptionsParams | undefined): void {
  const card = intent.payment_method_options?.card;
  if (!options || !card) return;
  if (options.request_three_d_secure) card.request_three_d_secure = options.request_three_d_secure;
  if (options.installments === undefined) return;
  const { enabled = true, plan } = options.installments;
  const months = enabled && intent.currency === 'mxn' ? INSTALLMENTS : [];
  card.installments = {
    available_plans: months.map((count) => ({ count, interval: 'month', type: 'fixed_count' })),
    enabled,
    plan: plan ? { count: plan.count, interval: 'month', type: plan.type } : null,
  };
}

export type Confirmation = Pick<
  IntentConfirmParams,
  'error_on_requires_action' | 'off_session' | 'payment_method' | 'return_url' | 'use_stripe_sdk'
>;

/** Charges the payment method. Throws 402 as the API answers a declined confirmation. */
export function confirmIntent(world: StripeWorld, record: IntentRecord, params: Confirmation): Intent {
  const { intent } = record;
  if (record.sessionId) {
    throw refused('You cannot confirm the PaymentIntent of a Checkout Session.', {
      code: 'payment_intent_unexpected_state',
    });
  }
  if (!OPEN.includes(intent.status)) throw wrongState(intent, 'confirmed', OPEN);
  requireReturnUrl(intent, params);
  const card = intent.payment_method_options?.card;
  const outcome = tryMethod(world, record, {
    method: methodOf(world, intent, params.payment_method),
    offSession: params.off_session === true || params.error_on_requires_action === true,
    wantsChallenge: (card?.request_three_d_secure ?? 'automatic') !== 'automatic',
    returnUrl: params.use_stripe_sdk ? undefined : params.return_url,
    installments: card?.installments?.plan?.count ?? undefined,
  });
  finish(world, record, outcome);
  if (outcome === 'declined') throw declinedError(intent);
  return intent;
}

/** The customer's answer on the page that `next_action` leads to. */
export function authenticateIntent(world: StripeWorld, record: IntentRecord, approves: boolean): CardOutcome {
  if (record.sessionId) throw refused('This bank asks on the page of the Checkout Session.');
  const outcome = answerChallenge(world, record, approves);
  finish(world, record, outcome);
  return outcome;
}

/** Throws 400 where a method that redirects could be used and the customer would not find back. */
export function requireReturnUrl(intent: Intent, params: Confirmation): void {
  if (params.return_url !== undefined || params.off_session || params.use_stripe_sdk) return;
  const types = intent.allowed_payment_method_types;
  if (types?.every((type) => type === 'card')) return;
  if (intent.automatic_payment_methods?.allow_redirects !== 'always') return;
  const message =
    "This PaymentIntent is configured to accept payment methods enabled in your Dashboard. Because some of these payment methods might redirect your customer off of your page, you must provide a `return_url`. If you don't want to accept redirect-based payment methods, set `automatic_payment_methods[allow_redirects]` to `never`.";
  throw badParameter(message, 'return_url');
}

/** The one that is named now, or the one that was chosen before. */
function methodOf(world: StripeWorld, intent: Intent, named: string | undefined): PaymentMethod {
  if (named !== undefined) return chooseMethod(world, intent, named);
  if (intent.payment_method !== null) return world.paymentMethod(intent.payment_method, 'payment_method');
  const message =
    "You cannot confirm this PaymentIntent because it's missing a payment method. Update the PaymentIntent with a payment method and try again.";
  throw refused(message, {
    code: 'payment_intent_unexpected_state',
    extra: { payment_intent: structuredClone(intent) },
  });
}

function finish(world: StripeWorld, record: IntentRecord, outcome: CardOutcome): void {
  const { intent } = record;
  const method = world.paymentMethods.get(intent.payment_method ?? '');
  if (outcome === 'paid' && method?.customer === null && intent.customer && intent.setup_future_usage) {
    const card = world.cards.get(method.id);
    if (card) card.isSetUp = intent.setup_future_usage === 'off_session';
    bindMethod(world, method, intent.customer);
  }
  hearOfIntent(world, record, outcome);
}

/** The customer's answer to the bank, for a payment or a setup. Throws 400 for those of a session, whose page asks. */
export function authenticate(
  world: StripeWorld,
  intentId: string,
  approves: boolean,
): CardOutcome | SaveOutcome {
  const setup = world.setupIntents.get(intentId);
  if (!setup) return authenticateIntent(world, world.intent(intentId), approves);
  if (setup.sessionId) throw refused('This bank asks on the page of the Checkout Session.');
  return answerSetup(world, setup, approves);
}
