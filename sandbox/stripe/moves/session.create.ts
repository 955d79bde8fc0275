import { isWebUrl } from '../../page.html.js';
import { newLine } from '../objects/line.object.js';
import { newSession } from '../objects/session.object.js';
import type { SessionCreateParams } from '../params/session.params.js';
import { badParameter, refused, StripeError } from '../stripe.errors.js';
import { checkChargeable, readCurrency } from '../stripe.money.js';
import type { LineItem, Session, SessionRecord } from '../stripe.types.js';
import type { StripeWorld } from '../stripe.world.js';
import { chooseCoupon, takeOff } from './session.discount.js';
import { chooseMethods } from './session.methods.js';
import { openSetupSession } from './setup.session.js';

const MINUTE = 60;
const DAY = 24 * 60 * MINUTE;

/** Creates a Checkout session that takes a payment or saves a card. Throws Stripe's error for what Stripe refuses. */
export function createSession(world: StripeWorld, params: SessionCreateParams): Session {
  if (params.mode === 'subscription') {
    throw refused('The sandbox plays no sessions in subscription mode.', {
      param: 'mode',
      beforeRunning: true,
    });
  }
  checkReturnUrls(params);
  checkCustomer(world, params);
  const record = params.mode === 'setup' ? setupRecord(world, params) : paymentRecord(world, params);
  world.sessions.set(record.session.id, record);
  return record.session;
}

const NOTHING_TO_PAY: Omit<SessionRecord, 'session'> = {
  lines: [],
  intentMetadata: {},
  intentDescription: null,
  intentShipping: undefined,
  receiptEmail: null,
  captureMethod: 'automatic_async',
  installments: false,
  futureUsage: { payment: null, card: null },
  coupon: null,
  shownAt: null,
};

function setupRecord(world: StripeWorld, params: SessionCreateParams): SessionRecord {
  return { ...NOTHING_TO_PAY, session: openSetupSession(world, params, expiry(world, params)) };
}

function paymentRecord(world: StripeWorld, params: SessionCreateParams): SessionRecord {
  const lines = readLines(world, params);
  const currency = lines[0]?.currency ?? '';
  const coupon = chooseCoupon(world, params, currency);
  if (coupon) takeOff(coupon, lines);
  const total = lines.reduce((sum, line) => sum + line.amount_total, 0);
  checkChargeable(total, currency, 'line_items');
  const methods = chooseMethods(params, currency, total);
  const expiresAt = expiry(world, params);
  const session = newSession(world, { params, currency, lines, coupon, methods, expiresAt });
  const data = params.payment_intent_data;
  const card = params.payment_method_options?.card;
  return {
    session,
    lines,
    intentMetadata: data?.metadata ?? {},
    intentDescription: data?.description ?? null,
    intentShipping: data?.shipping,
    receiptEmail: data?.receipt_email ?? null,
    captureMethod: data?.capture_method ?? card?.capture_method ?? 'automatic_async',
    installments: card?.installments?.enabled ?? false,
    futureUsage: { payment: data?.setup_future_usage ?? null, card: card?.setup_future_usage ?? null },
    coupon,
    shownAt: null,
  };
}

function checkReturnUrls(params: SessionCreateParams): void {
  const mode = params.ui_mode ?? 'hosted_page';
  const hosted = mode === 'hosted_page';
  const wrong = hosted ? (['return_url'] as const) : (['success_url', 'cancel_url'] as const);
  for (const name of wrong) {
    if (params[name] === undefined) continue;
    const message = `You cannot pass \`${name}\` when \`ui_mode\` is \`${mode}\`.`;
    throw badParameter(message, name);
  }
  const needed = hosted ? 'success_url' : 'return_url';
  const optional = !hosted && params.redirect_on_completion === 'never';
  if (params[needed] === undefined && !optional) {
    throw badParameter(`Missing required param: ${needed}.`, needed, 'parameter_missing');
  }
  for (const name of ['success_url', 'cancel_url', 'return_url'] as const) {
    const value = params[name];
    if (value !== undefined && !isWebUrl(value.replaceAll('{CHECKOUT_SESSION_ID}', 'id')))
      throw badParameter('Not a valid URL', name, 'url_invalid');
  }
}

function checkCustomer(world: StripeWorld, params: SessionCreateParams): void {
  if (params.customer === undefined) return;
  world.customer(params.customer, 'customer');
  for (const name of ['customer_email', 'customer_creation'] as const) {
    if (params[name] === undefined) continue;
    throw badParameter(`You may only specify one of these parameters: customer, ${name}.`, 'customer');
  }
}

function readLines(world: StripeWorld, params: SessionCreateParams): LineItem[] {
  if (!params.line_items || params.line_items.length === 0) {
    throw badParameter('Missing required param: line_items.', 'line_items', 'parameter_missing');
  }
  const lines = params.line_items.map((line, index) => newLine(line, index, world.clock.seconds()));
  const currencies = new Set(lines.map((line) => line.currency));
  if (params.currency !== undefined) currencies.add(readCurrency(params.currency, 'currency'));
  if (currencies.size > 1) {
    const message = 'All line items in a Checkout Session must have the same currency.';
    throw refused(message, { param: 'line_items', beforeRunning: true });
  }
  return lines;
}

function expiry(world: StripeWorld, params: SessionCreateParams): number {
  const now = world.clock.seconds();
  const asked = params.expires_at;
  if (asked === undefined) return now + DAY;
  if (asked < now + 30 * MINUTE || asked > now + DAY) {
    const message =
      'The `expires_at` timestamp must be between 30 minutes and 24 hours from Checkout Session creation.';
    throw new StripeError(400, message, { param: 'expires_at', beforeRunning: true });
  }
  return asked;
}
