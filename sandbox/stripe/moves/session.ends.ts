import { newCustomer } from '../objects/customer.object.js';
import type { Payer } from '../objects/method.object.js';
import { customerDetails } from '../objects/session.object.js';
import { refused } from '../stripe.errors.js';
import type { Session, SessionRecord } from '../stripe.types.js';
import type { StripeWorld } from '../stripe.world.js';
import { endIntent } from './intent.moves.js';
import { bindMethod } from './method.moves.js';
import { redeem } from './session.discount.js';
import { endSetup } from './setup.moves.js';
import { newId } from '../stripe.ids.js';

const RECOVERY_SECONDS = 30 * 24 * 60 * 60;

/** The customer is through: paid, authorized, or with a voucher in hand. */
export function completeSession(
  world: StripeWorld,
  record: SessionRecord,
  paid: boolean,
  payer: Payer,
): void {
  const { session } = record;
  session.status = 'complete';
  session.url = null;
  if (session.payment_status !== 'no_payment_required') session.payment_status = paid ? 'paid' : 'unpaid';
  session.customer_details = customerDetails({
    email: session.customer_details?.email ?? payer.email,
    name: session.customer_details?.name ?? payer.name,
    phone: session.customer_details?.phone ?? null,
  });
  if (session.customer === null && session.customer_creation === 'always') {
    const { email, name } = session.customer_details;
    const customer = newCustomer(world, { email, name });
    world.customers.set(customer.id, customer);
    session.customer = customer.id;
    world.log.emit('customer.created', customer);
  }
  if (record.coupon) redeem(record.coupon);
  keepMethod(world, record);
  world.log.emit('checkout.session.completed', session);
}

/** The card stays with the customer where the session said so before. */
function keepMethod(world: StripeWorld, { session, futureUsage }: SessionRecord): void {
  const kept = futureUsage.card ?? futureUsage.payment;
  if (kept === null || session.customer === null || session.payment_intent === null) return;
  const { intent } = world.intent(session.payment_intent);
  const method = intent.payment_method ? world.paymentMethods.get(intent.payment_method) : undefined;
  if (method?.type !== 'card') return;
  intent.customer = session.customer;
  const card = world.cards.get(method.id);
  if (card) card.isSetUp = kept === 'off_session';
  bindMethod(world, method, session.customer);
}

/** A voucher, transfer or debit of a completed session has come to its end. */
export function settleSession(world: StripeWorld, record: SessionRecord, paid: boolean): void {
  if (paid) record.session.payment_status = 'paid';
  const type = paid ? 'async_payment_succeeded' : 'async_payment_failed';
  world.log.emit(`checkout.session.${type}`, record.session);
}

/** Ends an open session, and the payment intent that it may have. Throws 400 when it is not open. */
export function expireSession(world: StripeWorld, record: SessionRecord): Session {
  const { session } = record;
  if (session.status !== 'open') {
    const message = `Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a status of \`${session.status}\`.`;
    throw refused(message);
  }
  const now = world.clock.seconds();
  session.status = 'expired';
  session.url = null;
  if (session.after_expiration?.recovery?.enabled) {
    session.after_expiration.recovery.expires_at = now + RECOVERY_SECONDS;
    session.after_expiration.recovery.url = `${world.baseUrl}/c/recover/${session.id}`;
  }
  const started = world.intents.get(session.payment_intent ?? '');
  if (started) endIntent(world, started, 'expired');
  const setup = world.setupIntents.get(session.setup_intent ?? '');
  if (setup) endSetup(world, setup);
  world.log.emit('checkout.session.expired', session);
  return session;
}

/** Throws 400 unless the customer can still pay. */
export function requireOpen(record: SessionRecord): void {
  if (record.session.status === 'open') return;
  throw refused(`This Checkout Session is ${record.session.status}.`);
}

const DAY = 24 * 60 * 60;

/** A new session like an expired one, for a customer who comes back by its recovery link. */
export function recoverSession(world: StripeWorld, record: SessionRecord): Session {
  const expired = record.session;
  const recovery = expired.after_expiration?.recovery;
  const now = world.clock.seconds();
  if (expired.status !== 'expired' || !recovery?.enabled || now > (recovery.expires_at ?? 0)) {
    throw refused('This Checkout Session cannot be recovered.');
  }
  const id = newId('cs_test', 58);
  const session: Session = {
    ...structuredClone(expired),
    id,
    created: now,
    expires_at: now + DAY,
    payment_intent: null,
    recovered_from: expired.id,
    status: 'open',
    url: `${world.baseUrl}/c/pay/${id}`,
  };
  if (session.after_expiration?.recovery) {
    session.after_expiration.recovery.expires_at = null;
    session.after_expiration.recovery.url = null;
  }
  world.sessions.set(id, { ...structuredClone(record), session });
  return session;
}
