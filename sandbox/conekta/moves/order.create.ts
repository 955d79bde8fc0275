import { invalid, unprocessed, type Language } from '../conekta.errors.js';
import type { Charge, Checkout, Order } from '../conekta.types.js';
import type { ConektaWorld, OrderRecord, CheckoutRecord } from '../conekta.world.js';
import { newChannel, newOrderCheckout, newPaymentLink } from '../objects/checkout.object.js';
import { newOrder, type OrderContents } from '../objects/order.object.js';
import type { ChargeParams } from '../params/charge.params.js';
import type { OrderCreateParams } from '../params/order.params.js';
import { planCharges, runPlan, type ChargePlan } from './charge.plans.js';
import { payerOf } from './payer.moves.js';
import { requirePayable, setCharge, waitingCharges } from './status.moves.js';
import type { OrderAlteration } from '../conekta.sandbox.types.js';
import type { CheckoutCreateParams } from '../params/checkout.params.js';

/** `POST /orders`. Throws 402 when a card is declined: the order stays, and says so. */
export function createOrder(world: ConektaWorld, params: OrderCreateParams, language: Language): OrderRecord {
  if (params.charges && params.checkout) {
    throw invalid('charges', 'not_with_checkout', {
      es: 'Un pedido tiene charges o checkout, no ambos.',
      en: 'An order has charges or a checkout, not both.',
    });
  }
  const order = newOrder(world, params, payerOf(world, params.customer_info));
  const plans = params.charges ? planCharges(world, order, params.charges) : [];
  const checkout = params.checkout && newOrderCheckout(world, params.checkout, order.id.replace('_', '-'));
  const record = addOrder(world, { order, params, checkout });
  runPlans(world, record, plans, language);
  return record;
}

/** Keeps a new order, with its checkout where it has one, and announces it. */
export function addOrder(
  world: ConektaWorld,
  { order, params, checkout }: { order: Order; params: OrderContents; checkout?: Checkout | undefined },
): OrderRecord {
  if (checkout) {
    order.checkout = checkout;
    order.channel = newChannel(checkout);
    world.checkouts.set(checkout.id, { checkout, orderId: order.id, template: null });
  }
  const record: OrderRecord = {
    order,
    preAuthorize: params.pre_authorize ?? false,
    threeDsMode: params.three_ds_mode ?? null,
    returnUrl: params.return_url ?? null,
    failures: 0,
    reviewNext: false,
    challenged: null,
  };
  world.orders.set(order.id, record);
  world.log.emit('order.created', order);
  return record;
}

/** `POST /orders/{id}/charges`: another try to pay an order. */
export function chargeOrder(
  world: ConektaWorld,
  record: OrderRecord,
  params: ChargeParams[],
  language: Language,
): Charge {
  requirePayable(record, false);
  runPlans(world, record, planCharges(world, record.order, params), language);
  const [charge] = record.order.charges?.data ?? [];
  if (!charge) throw new Error(`no charge was made for ${record.order.id}`);
  return charge;
}

/** One refused card lets go of what the others have paid. */
function runPlans(world: ConektaWorld, record: OrderRecord, plans: ChargePlan[], language: Language): void {
  for (const plan of plans) {
    const outcome = runPlan(world, record, plan, language);
    if (outcome?.kind !== 'declined') continue;
    for (const charge of record.order.charges?.data ?? []) {
      if (charge.status !== 'declined') setCharge(world, charge, 'voided', 'charge.reversed');
    }
    const { code, message } = outcome;
    throw unprocessed(`bank.${code}`, { es: message, en: message }, `The bank refused the card: ${code}.`);
  }
}

/** Changes an order without a word: charges that wait for money change along, its items do not. */
export function alterOrder(order: Order, { amount, currency, livemode, metadata }: OrderAlteration): void {
  for (const one of [order, ...waitingCharges(order)]) {
    if (amount !== undefined) one.amount = amount;
    if (currency !== undefined) one.currency = currency;
    if (livemode !== undefined) one.livemode = livemode;
  }
  if (metadata !== undefined) order.metadata = { ...metadata };
}

/** `POST /checkouts`. The order is made when somebody pays; whether it can be is checked now. */
export function createLink(world: ConektaWorld, params: CheckoutCreateParams): CheckoutRecord {
  orderFrom(world, params.order_template);
  const checkout = newPaymentLink(world, params);
  const record: CheckoutRecord = { checkout, orderId: null, template: params.order_template };
  world.checkouts.set(checkout.id, record);
  return record;
}

/** The order behind a checkout; a payment link gets its own now. */
export function orderBehind(
  world: ConektaWorld,
  { checkout, orderId, template }: CheckoutRecord,
): OrderRecord {
  if (orderId !== null) return world.order(orderId);
  if (template === null) throw new Error(`the checkout ${checkout.id} has neither order nor template`);
  return addOrder(world, { order: orderFrom(world, template), params: template, checkout });
}

/** The order as it would be made now; nobody else sees it. */
export function orderFrom(world: ConektaWorld, template: CheckoutCreateParams['order_template']): Order {
  return newOrder(world, template, payerOf(world, template.customer_info, 'order_template.customer_info'));
}
