import type { TestCard } from '../card.numbers.js';
import { newCustomer } from '../objects/customer.object.js';
import type { Payer } from '../objects/method.object.js';
import { customerDetails, newSetupSession } from '../objects/session.object.js';
import { newSetupIntent } from '../objects/setup.object.js';
import type { SessionCreateParams } from '../params/session.params.js';
import { badParameter, refused, StripeError } from '../stripe.errors.js';
import { readCurrency } from '../stripe.money.js';
import type { Session, SessionRecord, SetupRecord, PaymentMethod, SetupIntent } from '../stripe.types.js';
import type { StripeWorld } from '../stripe.world.js';
import { payerOf } from './intent.moves.js';
import { bindMethod, keepCard, methodNamed, requireFresh } from './method.moves.js';
import { requireOpen } from './session.ends.js';
import { answerSetup, trySetup, type SaveOutcome } from './setup.moves.js';
import type { SetupConfirmParams, SetupCreateParams } from '../params/setup.params.js';

/** What belongs to payments alone. */
const NOT_HERE = ['discounts', 'line_items', 'payment_intent_data', 'submit_type'] as const;

/** A session that saves a card and charges nothing; its setup intent is made with it. */
export function openSetupSession(
  world: StripeWorld,
  params: SessionCreateParams,
  expiresAt: number,
): Session {
  for (const name of NOT_HERE) {
    if (params[name] === undefined) continue;
    throw badParameter(`You can not pass \`${name}\` in \`setup\` mode.`, name);
  }
  if (params.currency === undefined && params.allowed_payment_method_types === undefined) {
    throw badParameter('Missing required param: currency.', 'currency', 'parameter_missing');
  }
  if (params.allowed_payment_method_types?.includes('card') === false) {
    throw badParameter('The sandbox saves cards only.', 'allowed_payment_method_types');
  }
  const currency = params.currency === undefined ? null : readCurrency(params.currency, 'currency');
  const intent = newSetupIntent(world, {
    customer: params.customer ?? null,
    metadata: params.setup_intent_data?.metadata ?? {},
    description: params.setup_intent_data?.description ?? null,
    usage: 'off_session',
    automaticMethods: false,
  });
  const session = newSetupSession(world, { params, currency, expiresAt, setupIntent: intent.id });
  world.setupIntents.set(intent.id, { intent, sessionId: session.id });
  world.log.emit('setup_intent.created', intent);
  return session;
}

/** The card form of the page. A declined customer stays there and may try another card. */
export function saveCard(
  world: StripeWorld,
  record: SessionRecord,
  entry: Partial<Payer> & { card: TestCard },
): SaveOutcome {
  requireOpen(record);
  const started = setupOf(world, record);
  const payer = payerOf(record, entry);
  const outcome = trySetup(world, started, keepCard(world, entry.card, payer));
  if (outcome === 'saved') completeSetup(world, record, started, payer);
  return outcome;
}

/** The page with the bank's question. */
export function answerSetupSession(
  world: StripeWorld,
  record: SessionRecord,
  approves: boolean,
): SaveOutcome {
  requireOpen(record);
  const started = setupOf(world, record);
  const details = world.paymentMethods.get(started.intent.payment_method ?? '')?.billing_details;
  const outcome = answerSetup(world, started, approves);
  const payer = payerOf(record, { email: details?.email, name: details?.name });
  if (outcome === 'saved') completeSetup(world, record, started, payer);
  return outcome;
}

/** Throws 400 for a session that takes a payment. */
export function setupOf(world: StripeWorld, { session }: SessionRecord): SetupRecord {
  if (session.setup_intent === null) throw refused('This Checkout Session saves no card.');
  return world.setupIntent(session.setup_intent);
}

function completeSetup(
  world: StripeWorld,
  { session }: SessionRecord,
  { intent }: SetupRecord,
  payer: Payer,
): void {
  session.status = 'complete';
  session.url = null;
  session.customer_details = customerDetails({
    email: session.customer_details?.email ?? payer.email,
    name: session.customer_details?.name ?? payer.name,
    phone: session.customer_details?.phone ?? null,
  });
  if (session.customer === null && session.customer_creation === 'always') {
    const customer = newCustomer(world, payer);
    world.customers.set(customer.id, customer);
    session.customer = customer.id;
    intent.customer = customer.id;
    world.log.emit('customer.created', customer);
    const method = world.paymentMethods.get(intent.payment_method ?? '');
    if (method) bindMethod(world, method, customer.id);
  }
  world.log.emit('checkout.session.completed', session);
}

const OPEN = ['requires_payment_method', 'requires_confirmation', 'requires_action'];

/** A setup intent without a session, as a server that shows the card form itself makes it. */
export function createSetup(world: StripeWorld, params: SetupCreateParams): SetupIntent {
  if (params.customer !== undefined) world.customer(params.customer, 'customer');
  const intent = newSetupIntent(world, {
    customer: params.customer ?? null,
    metadata: params.metadata ?? {},
    description: params.description ?? null,
    usage: params.usage ?? 'off_session',
    automaticMethods: params.automatic_payment_methods?.enabled !== false,
  });
  if (params.payment_method !== undefined) chooseMethod(world, intent, params.payment_method);
  const record: SetupRecord = { intent, sessionId: null };
  world.setupIntents.set(intent.id, record);
  world.log.emit('setup_intent.created', intent);
  return params.confirm ? confirmSetup(world, record, { return_url: params.return_url }) : intent;
}

/** Throws 402 with the setup intent when the bank does not let the card be kept. */
export function confirmSetup(
  world: StripeWorld,
  record: SetupRecord,
  params: SetupConfirmParams,
): SetupIntent {
  const { intent } = record;
  if (record.sessionId) throw refused('You cannot confirm the SetupIntent of a Checkout Session.');
  requireUnfinished(intent, 'confirmed');
  const id = params.payment_method ?? intent.payment_method;
  if (!id) {
    throw badParameter('You must provide a payment method to confirm this SetupIntent.', 'payment_method');
  }
  const method = chooseMethod(world, intent, id);
  const outcome = trySetup(world, record, method, params.use_stripe_sdk ? undefined : params.return_url);
  if (outcome !== 'declined') return intent;
  const error = intent.last_setup_error;
  throw new StripeError(402, error?.message ?? 'Your card was declined.', {
    type: 'card_error',
    code: error?.code,
    decline_code: error?.decline_code,
    extra: { setup_intent: structuredClone(intent) },
  });
}

/** Throws 400 for a setup intent that has come to its end. */
export function requireUnfinished(intent: SetupIntent, verb: string): void {
  if (OPEN.includes(intent.status)) return;
  const message = `You cannot perform this action: a SetupIntent with a status of ${intent.status} may not be ${verb}.`;
  throw refused(message, {
    code: 'setup_intent_unexpected_state',
    extra: { setup_intent: structuredClone(intent) },
  });
}

function chooseMethod(world: StripeWorld, intent: SetupIntent, id: string): PaymentMethod {
  const method = methodNamed(world, id, 'payment_method');
  requireFresh(world, method);
  if (method.customer !== null && method.customer !== intent.customer) {
    const message = `The payment method supplied (${method.id}) belongs to another Customer.`;
    throw refused(message, { param: 'payment_method' });
  }
  intent.payment_method = method.id;
  intent.status = 'requires_confirmation';
  return method;
}
