import { refused } from '../conekta.errors.js';
import { listOf } from '../conekta.lists.js';
import type { Charge, ChargeStatus, Order, PaymentStatus } from '../conekta.types.js';
import type { ConektaWorld, OrderRecord } from '../conekta.world.js';

const MONEY_IS_HERE: readonly (string | undefined)[] = ['paid', 'partially_refunded'];
const WAITING: readonly string[] = ['pending_payment', 'pending_confirmation', 'under_fraud_review'];
const UNPAID: readonly (string | undefined)[] = [undefined, 'pending_payment', 'declined'];

/** Gives an order its status and tells by this event. */
export function setOrder(world: ConektaWorld, order: Order, status: PaymentStatus, event: string): void {
  const previous = { payment_status: order.payment_status ?? null };
  order.payment_status = status;
  touch(world, order);
  world.log.emit(event, order, previous);
}

/** Gives a charge its status and tells by this event. */
export function setCharge(world: ConektaWorld, charge: Charge, status: ChargeStatus, event: string): void {
  const previous = { status: charge.status };
  charge.status = status;
  world.log.emit(event, charge, previous);
}

/** Puts a charge first in its order, as the newest, and announces it. */
export function addCharge(world: ConektaWorld, order: Order, charge: Charge): void {
  order.charges = listOf([charge, ...(order.charges?.data ?? [])]);
  touch(world, order);
  world.log.emit('charge.created', charge);
}

export function touch(world: ConektaWorld, order: Order): void {
  order.updated_at = world.clock.seconds();
  // Cash and transfers have no way back to the customer.
  const byCard = order.charges?.data.some(({ payment_method }) => payment_method.object === 'card_payment');
  order.is_refundable = MONEY_IS_HERE.includes(order.payment_status) && byCard === true;
}

/** Charges that may still be paid, newest first. */
export function waitingCharges(order: Order): Charge[] {
  return (order.charges?.data ?? []).filter(({ status }) => WAITING.includes(status));
}

/** Nobody has paid, and the order was not closed. */
export function isUnpaid(order: Order): boolean {
  return UNPAID.includes(order.payment_status);
}

/** Throws 428 when the order cannot be paid now: closed, paid, or another charge waits for its money. */
export function requirePayable({ order }: OrderRecord, byCheckout: boolean): void {
  const isOpen = isUnpaid(order) && (!byCheckout || order.checkout?.status === 'Issued');
  if (!isOpen) {
    throw refused('order.not_payable', {
      es: 'Este pedido ya no se puede pagar.',
      en: 'This order can no longer be paid.',
    });
  }
  if (waitingCharges(order).every(({ status }) => status === 'pending_confirmation')) return;
  throw refused('order.has_pending_charge', {
    es: 'Este pedido ya espera un pago.',
    en: 'This order waits for a payment already.',
  });
}
