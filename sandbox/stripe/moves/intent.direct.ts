import { newIntent } from '../objects/intent.object.js';
import type { CardOptionsParams, IntentCreateParams, IntentUpdateParams } from '../params/intent.params.js';
import { mergedMetadata } from '../params/shared.params.js';
import { badParameter } from '../stripe.errors.js';
import { checkChargeable, readCurrency } from '../stripe.money.js';
import type { Intent, IntentRecord } from '../stripe.types.js';
import type { StripeWorld } from '../stripe.world.js';
import { confirmIntent, requireReturnUrl } from './intent.confirm.js';
import { chooseMethod, OPEN } from './intent.method.js';
import { wrongState } from './intent.moves.js';

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
