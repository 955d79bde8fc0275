import type Stripe from 'stripe';
import { isJson, type Json, jsonOf, textOf } from '../json.read.js';
import type { ShippingContact } from '../payment.ports.js';
import type { ProviderCall } from '../provider.calls.js';
import { given } from '../request.rules.js';
import { assertPhone } from './stripe.limits.js';

/** We recorded the request ourselves: a missing part is a bug. */
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

export function pathOf(root: string, ...rest: readonly string[]): string {
  return [root, ...rest.map(encodeURIComponent)].join('/');
}

/** Stripe keeps an idempotency key for a day; after that a repeat could act twice. */
const KEY_LIFETIME_MS = 23 * 3_600_000;

/** Whether Stripe may have forgotten the call's key. */
export function mustLookFirst(call: ProviderCall, now: Date): call is ProviderCall & { sentBefore: Date } {
  return call.sentBefore !== undefined && now.getTime() - call.sentBefore.getTime() > KEY_LIFETIME_MS;
}

/** The idempotency key of one step of the call. */
export function keyOf({ operationId }: ProviderCall, step?: string): string {
  return step === undefined ? operationId : `${operationId}:${step}`;
}

/** Marks a new object with the operation that makes it, so that it can be found later. */
export function marked(params: Json, { operationId }: ProviderCall): Json {
  return { ...params, metadata: { ...jsonOf(params.metadata), operationId } };
}

/** At most so many characters, whole ones, with an ellipsis where some are left out. */
export function shorten(text: string, length: number): string {
  const characters = Array.from(text);
  return characters.length <= length ? text : `${characters.slice(0, length - 1).join('')}…`;
}

/** @throws ServiceError invalid_request naming `shippingContact.phone`. */
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
