import { newSource } from '../objects/source.object.js';
import type { Charge } from '../conekta.types.js';
import type { ConektaWorld, HeldCard, OrderRecord } from '../conekta.world.js';
import { setCharge, setOrder, waitingCharges } from './status.moves.js';

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
