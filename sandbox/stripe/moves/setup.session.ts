import type { TestCard } from '../card.numbers.js';
import { newCustomer } from '../objects/customer.object.js';
import type { Payer } from '../objects/method.object.js';
import { customerDetails, newSetupSession } from '../objects/session.object.js';
import { newSetupIntent } from '../objects/setup.object.js';
import type { SessionCreateParams } from '../params/session.params.js';
import { badParameter, refused } from '../stripe.errors.js';
import { readCurrency } from '../stripe.money.js';
import type { Session, SessionRecord, SetupRecord } from '../stripe.types.js';
import type { StripeWorld } from '../stripe.world.js';
import { payerOf } from './intent.start.js';
import { bindMethod, keepCard } from './method.moves.js';
import { requireOpen } from './session.ends.js';
import { answerSetup, trySetup, type SaveOutcome } from './setup.moves.js';

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
