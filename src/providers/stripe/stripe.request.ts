import type Stripe from 'stripe';
import { isJson, type Json, jsonOf, textOf } from '../json.read.js';
import type { ShippingContact } from '../payment.ports.js';
import type { ProviderCall } from '../provider.calls.js';
import { given } from '../request.rules.js';
import { assertPhone } from './stripe.limits.js';

/** Parts of a request that we have recorded ourselves: one that is missing is a bug. */
export function recordedText(request: Json, key: string): string {
  const value = textOf(request[key]);
  if (value === undefined) throw new Error(`the recorded request has no ${key}`);
  return value;
}

export function recordedParams(request: Json, key: string): Json {
  const value = request[key];
  if (!isJson(value)) throw new Error(`the recorded request has no ${key}`);
  return value;
}

/** A path with an id, or more, in it. */
export function pathOf(root: string, ...rest: readonly string[]): string {
  return [root, ...rest.map(encodeURIComponent)].join('/');
}

/** Stripe keeps an idempotency key for a day; after that a repeat could act twice, so we look first. */
const KEY_LIFETIME_MS = 23 * 3_600_000;

/** Whether the call was sent so long ago that Stripe may not know its key any more. */
export function mustLookFirst(call: ProviderCall, now: Date): call is ProviderCall & { sentBefore: Date } {
  return call.sentBefore !== undefined && now.getTime() - call.sentBefore.getTime() > KEY_LIFETIME_MS;
}

/** The idempotency key of a step of the call; each step has its own. */
export function keyOf({ operationId }: ProviderCall, step?: string): string {
  return step === undefined ? operationId : `${operationId}:${step}`;
}

/** Parameters of something new, marked with the operation that makes it, by which a late look finds it. */
export function marked(params: Json, { operationId }: ProviderCall): Json {
  return { ...params, metadata: { ...jsonOf(params.metadata), operationId } };
}

/** At most so many characters, the last of them an ellipsis where some are left out; none is cut in two. */
export function shorten(text: string, length: number): string {
  const characters = Array.from(text);
  return characters.length <= length ? text : `${characters.slice(0, length - 1).join('')}…`;
}

/** Where physical goods go. @throws ServiceError invalid_request naming `shippingContact.phone`. */
export function shippingParams(
  contact: ShippingContact | undefined,
): Stripe.Checkout.SessionCreateParams.PaymentIntentData.Shipping | undefined {
  if (contact === undefined) return undefined;
  const { receiver: name, phone, address } = contact;
  assertPhone(phone, 'shippingContact.phone');
  const { street1: line1, street2: line2, postalCode, city, state, country } = address;
  return {
    name,
    phone,
    address: { line1, postal_code: postalCode, country, ...given({ line2, city, state }) },
  };
}
