import type { Order } from '../conekta.types.js';
import type { CheckoutRecord, ConektaWorld, OrderRecord } from '../conekta.world.js';
import { newPaymentLink } from '../objects/checkout.object.js';
import { newOrder } from '../objects/order.object.js';
import type { CheckoutCreateParams } from '../params/checkout.params.js';
import { payerOf } from './payer.moves.js';
import { addOrder } from './order.create.js';

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
