import { refused } from '../conekta.errors.js';
import type { CheckoutStatus } from '../conekta.types.js';
import type { ConektaWorld, OrderRecord } from '../conekta.world.js';
import { listOf } from '../conekta.lists.js';
import { newRefund } from './refund.moves.js';
import { isUnpaid, setCharge, setOrder, waitingCharges } from './status.moves.js';

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
