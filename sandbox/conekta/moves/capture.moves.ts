import { invalid, refused } from '../conekta.errors.js';
import type { ConektaWorld, OrderRecord } from '../conekta.world.js';
import { chargePaid } from './paid.moves.js';

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
