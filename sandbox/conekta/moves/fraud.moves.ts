import { refused } from '../conekta.errors.js';
import type { Charge } from '../conekta.types.js';
import type { ConektaWorld, OrderRecord } from '../conekta.world.js';
import { chargePaid } from './paid.moves.js';
import { requirePayable, setCharge, setOrder } from './status.moves.js';

/** The next card that pays is held back: somebody at Conekta wants to look at it first. */
export function startReview(record: OrderRecord): void {
  requirePayable(record, record.order.checkout !== undefined);
  record.reviewNext = true;
}

/** A card has paid, and nobody has the money yet. */
export function holdBack(world: ConektaWorld, record: OrderRecord, charge: Charge): void {
  record.reviewNext = false;
  delete record.order.next_action;
  setCharge(world, charge, 'under_fraud_review', 'charge.under_fraud_review');
  setOrder(world, record.order, 'under_fraud_review', 'order.under_fraud_review');
}

export function closeReview(world: ConektaWorld, record: OrderRecord, outcome: 'paid' | 'fraudulent'): void {
  const { order } = record;
  const charge = order.charges?.data.find(({ status }) => status === 'under_fraud_review');
  if (!charge) {
    throw refused('order.not_under_review', {
      es: 'El pedido no está en revisión.',
      en: 'The order is not under review.',
    });
  }
  if (outcome === 'paid') return chargePaid(world, record, charge);
  setCharge(world, charge, 'fraudulent', 'charge.fraudulent');
  if (order.checkout) order.checkout.status = 'Failed';
  setOrder(world, order, 'fraudulent', 'order.fraudulent');
}
