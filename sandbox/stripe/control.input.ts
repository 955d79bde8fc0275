import {
  BadControl,
  booleanIn,
  numberIn,
  objectIn,
  optional,
  stringIn,
  type Input,
} from '../control.input.js';
import type { Dunning } from './billing.types.js';
import { type Payload, PAYLOADS } from './event.log.js';
import type { LegacySessionRequest, LinkVisit } from './stripe.sandbox.types.js';

export function aSettlement(input: Input): 'succeeded' | 'failed' {
  const outcome = stringIn(input, 'outcome');
  if (outcome === 'succeeded' || outcome === 'failed') return outcome;
  throw new BadControl('outcome must be succeeded or failed');
}

export function payloadIn(input: Input): Payload {
  return oneOf(PAYLOADS, input, 'payload');
}

const METHODS = ['GET', 'POST', 'DELETE'] as const;

/** A call in the dashboard: `{method, path, params}`. */
export function panelIn(input: Input): { method: (typeof METHODS)[number]; path: string; params: Input } {
  const method = METHODS.find((one) => one === input['method']);
  if (!method) throw new BadControl(`method must be one of ${METHODS.join(', ')}`);
  return { method, path: stringIn(input, 'path'), params: optional(input, 'params', objectIn) ?? {} };
}

const AFTER_LAST = ['cancel', 'unpaid', 'past_due'] as const;
const AFTER_DISPUTE = ['cancel', 'keep'] as const;

export function dunningIn(input: Input): Partial<Dunning> {
  const changes: Partial<Dunning> = {};
  const days = input['retryDays'];
  if (days !== undefined) {
    if (!Array.isArray(days)) throw new BadControl('retryDays must be a list of days');
    changes.retryDays = days.map((day: unknown) => numberIn({ day }, 'day'));
  }
  if (input['afterLast'] !== undefined) changes.afterLast = oneOf(AFTER_LAST, input, 'afterLast');
  if (input['afterDispute'] !== undefined) changes.afterDispute = oneOf(AFTER_DISPUTE, input, 'afterDispute');
  return changes;
}

function oneOf<T extends string>(words: readonly T[], input: Input, name: string): T {
  const word = words.find((one) => one === input[name]);
  if (word === undefined) throw new BadControl(`${name} must be one of ${words.join(', ')}`);
  return word;
}

export function legacyIn(input: Input): LegacySessionRequest {
  const items = input['items'];
  if (items !== undefined && !Array.isArray(items)) throw new BadControl('items must be a list');
  return {
    orderId: stringIn(input, 'orderId'),
    currency: optional(input, 'currency', stringIn),
    successUrl: optional(input, 'successUrl', stringIn),
    cancelUrl: optional(input, 'cancelUrl', stringIn),
    metadata: optional(input, 'metadata', textsIn),
    promotionCodes: optional(input, 'promotionCodes', booleanIn),
    items: items?.map((item: unknown) => {
      const line = objectIn({ item }, 'item');
      const price = line['price'];
      if (typeof price !== 'number') throw new BadControl('price must be a number');
      return { name: stringIn(line, 'name'), price, quantity: numberIn(line, 'quantity') };
    }),
  };
}

export function linkIn(input: Input): LinkVisit {
  return {
    amount: numberIn(input, 'amount'),
    currency: optional(input, 'currency', stringIn),
    clientReferenceId: optional(input, 'clientReferenceId', stringIn),
    metadata: optional(input, 'metadata', textsIn),
  };
}

function textsIn(input: Input, name: string): Record<string, string> {
  const texts = objectIn(input, name);
  return Object.fromEntries(Object.keys(texts).map((key) => [key, stringIn(texts, key)]));
}
