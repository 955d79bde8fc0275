import { invalid, notFound, refused } from '../conekta.errors.js';
import { newHexId, randomDigits } from '../conekta.ids.js';
import { listOf } from '../conekta.lists.js';
import type { Charge, Order, Refund } from '../conekta.types.js';
import type { ConektaWorld } from '../conekta.world.js';
import { setCharge, setOrder, touch } from './status.moves.js';

/**
 * Gives money of an order back to the card.
 *
 * @param amount centavos or cents; everything that is left when absent
 */
export function refundOrder(world: ConektaWorld, order: Order, amount?: number): void {
  if (!order.is_refundable) {
    throw refused('order.not_refundable', {
      es: 'El pedido no se puede reembolsar.',
      en: 'The order cannot be refunded.',
    });
  }
  const charges = (order.charges?.data ?? []).filter((charge) => leftOf(charge) > 0);
  const left = charges.reduce((total, charge) => total + leftOf(charge), 0);
  const wanted = amount ?? left;
  if (wanted < 1 || wanted > left) {
    throw invalid('amount', 'out_of_range', {
      es: `Debe ser de 1 a ${left}, lo que queda por reembolsar.`,
      en: `It must be from 1 to ${left}, which is what is left to refund.`,
    });
  }
  let rest = wanted;
  for (const charge of charges) {
    const part = Math.min(rest, leftOf(charge));
    if (part > 0) refundCharge(world, charge, part);
    rest -= part;
  }
  order.amount_refunded += wanted;
  const [status, event] =
    wanted === left
      ? (['refunded', 'order.refunded'] as const)
      : (['partially_refunded', 'order.partially_refunded'] as const);
  setOrder(world, order, status, event);
}

/** Takes a refund back, as long as the bank has not booked it: on the sandbox, always. */
export function cancelRefund(world: ConektaWorld, order: Order, refundId: string): void {
  const charge = order.charges?.data.find((one) => one.refunds?.data.some(({ id }) => id === refundId));
  const refund = charge?.refunds?.data.find(({ id }) => id === refundId);
  if (!charge || !refund) throw notFound('refund', refundId);
  charge.refunds = listOf((charge.refunds?.data ?? []).filter((one) => one !== refund));
  charge.status = charge.refunds.data.length === 0 ? 'paid' : 'partially_refunded';
  order.amount_refunded += refund.amount;
  order.payment_status = order.amount_refunded === 0 ? 'paid' : 'partially_refunded';
  touch(world, order);
  world.log.emit('order.updated', order);
}

function refundCharge(world: ConektaWorld, charge: Charge, amount: number): void {
  charge.refunds = listOf([...(charge.refunds?.data ?? []), newRefund(world, amount)]);
  setCharge(world, charge, leftOf(charge) === 0 ? 'refunded' : 'partially_refunded', 'charge.refunded');
}

export function newRefund(world: ConektaWorld, amount: number): Refund {
  return {
    id: newHexId(),
    object: 'refund',
    amount: -amount,
    auth_code: randomDigits(6),
    created_at: world.clock.seconds(),
    status: 'refunded',
  };
}

/** Refunds are negative, so the sum is what is left. */
function leftOf(charge: Charge): number {
  const isHere = charge.status === 'paid' || charge.status === 'partially_refunded';
  const refunds = charge.refunds?.data ?? [];
  return isHere ? refunds.reduce((left, { amount }) => left + amount, charge.amount) : 0;
}
