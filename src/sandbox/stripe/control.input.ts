import { BadControl, numberIn, objectIn, optional, stringIn, type Input } from '../control.input.js';
import type { LegacySessionRequest } from './stripe.sandbox.types.js';

export function aSettlement(input: Input): 'succeeded' | 'failed' {
  const outcome = stringIn(input, 'outcome');
  if (outcome === 'succeeded' || outcome === 'failed') return outcome;
  throw new BadControl('outcome must be succeeded or failed');
}

export function legacyIn(input: Input): LegacySessionRequest {
  const items = input['items'];
  if (items !== undefined && !Array.isArray(items)) throw new BadControl('items must be a list');
  return {
    orderId: stringIn(input, 'orderId'),
    currency: optional(input, 'currency', stringIn),
    successUrl: optional(input, 'successUrl', stringIn),
    cancelUrl: optional(input, 'cancelUrl', stringIn),
    items: items?.map((item: unknown) => {
      const line = objectIn({ item }, 'item');
      const price = line['price'];
      if (typeof price !== 'number') throw new BadControl('price must be a number');
      return { name: stringIn(line, 'name'), price, quantity: numberIn(line, 'quantity') };
    }),
  };
}
