import { isWebUrl } from '../../page.html.js';
import { newLine } from '../objects/line.object.js';
import { newSession } from '../objects/session.object.js';
import { type SessionCreateParams, sessionCreate } from '../params/session.params.js';
import { badParameter, refused, StripeError } from '../stripe.errors.js';
import { checkChargeable, readCurrency, formatMoney, OXXO_RANGE } from '../stripe.money.js';
import {
  type LineItem,
  type Session,
  type SessionRecord,
  PLAYED_METHODS,
  type PlayedMethod,
} from '../stripe.types.js';
import type { StripeWorld } from '../stripe.world.js';
import { chooseCoupon, takeOff } from './session.discount.js';
import { openSetupSession } from './setup.session.js';
import { decodeForm } from '../stripe.form.js';
import type { LegacySessionRequest, LinkVisit } from '../stripe.sandbox.types.js';
import { newId } from '../stripe.ids.js';

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

const DEFAULT_ITEMS = [{ name: 'Teclado', price: 19.99, quantity: 2 }];

/**
 * A session as the payments service of the course opens it: `orderId` in
 * `payment_intent_data.metadata` and nowhere else. It passes the same checks as one from outside.
 */
export function createLegacySession(world: StripeWorld, request: LegacySessionRequest): Session {
  const form = new URLSearchParams({
    mode: 'payment',
    success_url: request.successUrl ?? 'http://localhost:3003/payments/success',
    cancel_url: request.cancelUrl ?? 'http://localhost:3003/payments/cancel',
    'payment_intent_data[metadata][orderId]': request.orderId,
    ...(request.promotionCodes === true && { allow_promotion_codes: 'true' }),
  });
  for (const [key, value] of Object.entries(request.metadata ?? {})) form.set(`metadata[${key}]`, value);
  (request.items ?? DEFAULT_ITEMS).forEach((item, index) => {
    const line = `line_items[${index}]`;
    form.set(`${line}[quantity]`, String(item.quantity));
    form.set(`${line}[price_data][currency]`, request.currency ?? 'usd');
    form.set(`${line}[price_data][product_data][name]`, item.name);
    // That service multiplies and rounds like this.
    form.set(`${line}[price_data][unit_amount]`, String(Math.round(item.price * 100)));
  });
  return createSession(world, sessionCreate(decodeForm(form.toString()), ''));
}

const REFERENCE = /^[\w-]{1,200}$/;

/**
 * Opens a Payment Link, which is somebody's session from then on. `client_reference_id` comes from the address bar of
 * whoever opens it, and metadata from the link; the payment intent gets neither.
 */
export function openLink(world: StripeWorld, visit: LinkVisit): Session {
  const { amount, currency = 'usd', clientReferenceId = '', metadata = {} } = visit;
  const form = new URLSearchParams({
    mode: 'payment',
    success_url: `${world.baseUrl}/thanks`,
    'line_items[0][quantity]': '1',
    'line_items[0][price_data][currency]': currency,
    'line_items[0][price_data][product_data][name]': 'Sticker',
    'line_items[0][price_data][unit_amount]': String(amount),
    ...(REFERENCE.test(clientReferenceId) && { client_reference_id: clientReferenceId }),
  });
  for (const [key, value] of Object.entries(metadata)) form.set(`metadata[${key}]`, value);
  const { id } = createSession(world, sessionCreate(decodeForm(form.toString()), ''));
  const { session } = world.session(id);
  session.payment_link = newId('plink');
  return session;
}

/**
 * The payment methods that a session offers. Without a list Stripe chooses what fits; a method that
 * was asked for by name and does not fit is an error.
 */
export function chooseMethods(params: SessionCreateParams, currency: string, total: number): PlayedMethod[] {
  const asked = params.allowed_payment_method_types;
  const excluded = new Set<string>(params.excluded_payment_method_types);
  if (asked) for (const method of asked) refuseUnfit(method, params, currency, total);
  const played = PLAYED_METHODS.filter((method) => {
    if (excluded.has(method)) return false;
    if (asked) return asked.includes(method);
    // A bank debit is only offered by name: most accounts do not have it switched on.
    return method !== 'us_bank_account' && fault(method, params, currency, total) === null;
  });
  if (played.length > 0) return played;
  const param = asked ? 'allowed_payment_method_types' : 'excluded_payment_method_types';
  throw refused('No valid payment method types for this Checkout Session.', { param, beforeRunning: true });
}

function refuseUnfit(method: string, params: SessionCreateParams, currency: string, total: number): void {
  const reason = fault(method, params, currency, total);
  if (reason === null) return;
  throw refused(reason.message, {
    param: reason.param,
    ...(reason.code && { code: reason.code }),
    beforeRunning: true,
  });
}

interface Fault {
  message: string;
  param: string;
  code?: string;
}

function fault(method: string, params: SessionCreateParams, currency: string, total: number): Fault | null {
  const param = 'allowed_payment_method_types';
  const isKept = params.payment_intent_data?.setup_future_usage !== undefined;
  if (isKept && (method === 'oxxo' || method === 'customer_balance')) {
    const message = `The payment method type ${method} does not support setup_future_usage.`;
    return { message, param: 'payment_intent_data[setup_future_usage]' };
  }
  if (method === 'oxxo') {
    if (currency !== 'mxn') return { message: wrongCurrency(method, currency, 'mxn'), param };
    if (total >= OXXO_RANGE.min && total <= OXXO_RANGE.max) return null;
    const code = total < OXXO_RANGE.min ? 'amount_too_small' : 'amount_too_large';
    const range = `${formatMoney(OXXO_RANGE.min, 'mxn')} and ${formatMoney(OXXO_RANGE.max, 'mxn')}`;
    return { message: `Amounts for oxxo must be between ${range}.`, param: 'line_items', code };
  }
  if (method === 'customer_balance') {
    if (currency !== 'mxn') return { message: wrongCurrency(method, currency, 'mxn'), param };
    if (params.customer !== undefined) return null;
    const message = 'The payment method type `customer_balance` requires a `customer`.';
    return { message, param: 'customer', code: 'parameter_missing' };
  }
  if (method === 'us_bank_account' && currency !== 'usd') {
    return { message: wrongCurrency(method, currency, 'usd'), param };
  }
  return null;
}

function wrongCurrency(method: string, currency: string, wanted: string): string {
  return `The currency provided (${currency}) is invalid for ${method}: it takes ${wanted}.`;
}
