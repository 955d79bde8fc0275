import { refused, invalid } from '../conekta.errors.js';
import type { CheckoutStatus, Charge } from '../conekta.types.js';
import type { ConektaWorld, OrderRecord, HeldCard } from '../conekta.world.js';
import { listOf } from '../conekta.lists.js';
import { newRefund } from './refund.moves.js';
import { isUnpaid, setCharge, setOrder, waitingCharges } from './status.moves.js';
import { newSource } from '../objects/source.object.js';

/** Nobody paid in time. */
export function expireOrder(world: ConektaWorld, record: OrderRecord): void {
  requireUnpaid(record);
  for (const charge of waitingCharges(record.order)) setCharge(world, charge, 'expired', 'charge.expired');
  close(record, 'Expired');
  setOrder(world, record.order, 'expired', 'order.expired');
}

/** Ends an order that nobody paid; an authorization is given back. Throws 428 once money has moved. */
export function cancelOrder(world: ConektaWorld, record: OrderRecord): void {
  if (record.order.payment_status === 'pre_authorized') return voidOrder(world, record);
  requireUnpaid(record);
  for (const charge of waitingCharges(record.order)) setCharge(world, charge, 'canceled', 'charge.canceled');
  close(record, 'Cancelled');
  setOrder(world, record.order, 'canceled', 'order.canceled');
}

/** The bank lets go of the money that it held. */
export function voidOrder(world: ConektaWorld, record: OrderRecord): void {
  for (const charge of record.order.charges?.data ?? []) {
    if (charge.status === 'pre_authorized') setCharge(world, charge, 'voided', 'charge.reversed');
  }
  setOrder(world, record.order, 'voided', 'order.voided');
}

/** The same, done in the panel by a refund of the whole order, and told as one: nothing was ever taken. */
export function refundHold(world: ConektaWorld, { order }: OrderRecord): void {
  const held = order.charges?.data.find(({ status }) => status === 'pre_authorized');
  if (!held) {
    throw refused('order.not_pre_authorized', {
      es: 'El pedido no tiene una preautorización.',
      en: 'The order has no authorization to let go of.',
    });
  }
  held.refunds = listOf([newRefund(world, held.amount)]);
  setCharge(world, held, 'refunded', 'charge.refunded');
  order.amount_refunded = held.amount;
  setOrder(world, order, 'refunded', 'order.refunded');
}

function close(record: OrderRecord, status: CheckoutStatus): void {
  const { order } = record;
  record.challenged = null;
  delete order.next_action;
  if (order.checkout) order.checkout.status = status;
}

function requireUnpaid({ order }: OrderRecord): void {
  if (isUnpaid(order)) return;
  throw refused('order.cannot_be_closed', {
    es: 'El pedido ya no se puede cerrar.',
    en: 'The order can no longer be closed.',
  });
}

/**
 * Takes the money that a bank holds. What is not captured goes back to the customer.
 *
 * @param amount centavos or cents; everything when absent
 */
export function captureOrder(world: ConektaWorld, record: OrderRecord, amount?: number): void {
  const charge = record.order.charges?.data.find(({ status }) => status === 'pre_authorized');
  if (!charge) {
    throw refused('order.not_pre_authorized', {
      es: 'El pedido no tiene una preautorización.',
      en: 'The order has no authorization to capture.',
    });
  }
  if (amount !== undefined && amount > charge.amount) {
    throw invalid('amount', 'more_than_authorized', {
      es: 'Es más de lo autorizado.',
      en: 'It is more than was authorized.',
    });
  }
  charge.amount = amount ?? charge.amount;
  chargePaid(world, record, charge);
}

/** The money of a charge is here; the order is paid once no other charge waits. */
export function chargePaid(world: ConektaWorld, record: OrderRecord, charge: Charge): void {
  const { order } = record;
  charge.paid_at = world.clock.seconds();
  setCharge(world, charge, 'paid', 'charge.paid');
  if (waitingCharges(order).length > 0) return;
  closeCheckout(record);
  setOrder(world, order, 'paid', 'order.paid');
}

/** The bank holds the money until it is captured or voided. */
export function chargeAuthorized(world: ConektaWorld, record: OrderRecord, charge: Charge): void {
  setCharge(world, charge, 'pre_authorized', 'charge.preauthorized');
  closeCheckout(record);
  setOrder(world, record.order, 'pre_authorized', 'order.pre_authorized');
}

/** Where the checkout says so, a customer's card is kept for the next time. */
export function keepCard(world: ConektaWorld, { order }: OrderRecord, held: HeldCard): void {
  const { checkout, customer_info: customer } = order;
  const asked = checkout?.on_demand_enabled === true || checkout?.force_save_card === true;
  const owner = customer.customer_id === undefined ? undefined : world.customers.get(customer.customer_id);
  if (!asked || !owner) return;
  newSource(world, owner, { type: 'card', held });
  world.log.emit('customer.updated', owner);
}

function closeCheckout(record: OrderRecord): void {
  const { checkout } = record.order;
  delete record.order.next_action;
  if (!checkout || checkout.status === 'Paid') return;
  checkout.status = 'Paid';
  checkout.paid_payments_count += 1;
}
