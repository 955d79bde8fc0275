import type { OrderAlteration } from '../conekta.sandbox.types.js';
import type { Order } from '../conekta.types.js';
import { waitingCharges } from './status.moves.js';

/** Changes an order without a word: charges that wait for money change along, its items do not. */
export function alterOrder(order: Order, { amount, currency, livemode, metadata }: OrderAlteration): void {
  for (const one of [order, ...waitingCharges(order)]) {
    if (amount !== undefined) one.amount = amount;
    if (currency !== undefined) one.currency = currency;
    if (livemode !== undefined) one.livemode = livemode;
  }
  if (metadata !== undefined) order.metadata = { ...metadata };
}
