import { type FieldFault, invalidField, ServiceError } from '../../kernel/errors.js';
import { type Json, jsonOf, textOf } from '../json.read.js';
import type { ProviderCall, SessionAdjustment, SessionInput, SessionItem } from '../provider.port.js';
import type { ConektaWrite } from './conekta.client.js';

/** A recorded request, with what is needed to find out later whether it was acted upon. */
export type Planned = {
  method: ConektaWrite['method'];
  path: string;
  body?: Record<string, unknown>;
  /** Conekta's ids of what the call is about. */
  customerId?: string;
  subscriptionId?: string;
  planId?: string;
  makeDefault?: boolean;
};

const METHODS: readonly ConektaWrite['method'][] = ['POST', 'PUT', 'DELETE'];

/** What is sent of a recorded call. @throws Error for a record that holds none. */
export function writeOf({ operationId, request }: ProviderCall): ConektaWrite {
  const [method, path] = [METHODS.find((one) => one === request.method), textOf(request.path)];
  if (method === undefined || path === undefined)
    throw new Error(`operation ${operationId} holds no request`);
  return { method, path, ...(request.body !== undefined && { body: jsonOf(request.body) }) };
}

export function bodyOf({ request }: ProviderCall): Json {
  return jsonOf(request.body);
}

/** @throws Error for a record that lacks it. */
export function plannedId(
  { operationId, request }: ProviderCall,
  name: 'customerId' | 'subscriptionId' | 'planId',
): string {
  const id = textOf(request[name]);
  if (id === undefined) throw new Error(`operation ${operationId} holds no ${name}`);
  return id;
}

type LineItem = { name: string; unit_price: number; quantity: number };
type TaxLine = { description: string; amount: number };
type ShippingLine = { method: string; amount: number };
type DiscountLine = { code: string; type: string; amount: number };

export type OrderLines = {
  line_items: LineItem[];
  tax_lines?: TaxLine[];
  shipping_lines?: ShippingLine[];
  discount_lines?: DiscountLine[];
};

type Lines = Pick<SessionInput, 'items' | 'taxes' | 'shipping' | 'discounts'>;

/** What Conekta takes for the name of anything that is sold or shipped. */
const MIN_NAME = 3;
export const MAX_NAME = 249;
/** Conekta keeps a price in 32 bits. */
const MAX_UNIT_PRICE = 2_147_483_647n;

/**
 * What is paid for, with what is added to it and taken off it.
 * @throws ServiceError invalid_request or amount_out_of_bounds naming the line.
 */
export function orderLines({ items, taxes, shipping, discounts }: Lines): OrderLines {
  return {
    line_items: items.map(lineItem),
    ...(taxes.length > 0 && { tax_lines: taxes.map(taxLine) }),
    ...(shipping.length > 0 && { shipping_lines: shipping.map(shippingLine) }),
    ...(discounts.length > 0 && { discount_lines: discounts.map(discountLine) }),
  };
}

function lineItem({ name, unitAmount, quantity }: SessionItem, at: number): LineItem {
  assertPrice(unitAmount, `items[${at}]`);
  return { name: named(name, `items[${at}].name`), unit_price: Number(unitAmount), quantity };
}

function taxLine({ name, amount }: SessionAdjustment, at: number): TaxLine {
  return { description: named(name, `taxes[${at}].name`), amount: Number(amount) };
}

function shippingLine({ name, amount }: SessionAdjustment, at: number): ShippingLine {
  return { method: named(name, `shipping[${at}].name`), amount: Number(amount) };
}

/** A coupon is one of the four kinds that Conekta knows, for its own reports only. */
function discountLine({ name, amount }: SessionAdjustment): DiscountLine {
  return { code: name, type: 'coupon', amount: Number(amount) };
}

function assertPrice(unitAmount: bigint, field: string): void {
  if (unitAmount <= MAX_UNIT_PRICE) return;
  const rule = `must cost at most ${MAX_UNIT_PRICE} minor units each at Conekta`;
  throw new ServiceError('amount_out_of_bounds', `${field} ${rule}`, [{ field, rule }]);
}

function named(name: string, field: string): string {
  // Counted in whole characters and in halves of them, each where it is the stricter way.
  if (Array.from(name).length >= MIN_NAME && name.length <= MAX_NAME) return name;
  throw invalidField(field, `must be between ${MIN_NAME} and ${MAX_NAME} characters at Conekta`);
}

type Contact = { name: string; email: string; phone: string };
export type CustomerInfo = { customer_id: string } | Contact;

type Given = { [Key in keyof Contact]?: Contact[Key] | undefined };

/** Of a name and of an address. */
const MAX_TEXT = 249;

const NEEDED = ['name', 'email', 'phone'] as const;

/**
 * Who pays. Conekta takes no order from a stranger.
 * @throws ServiceError invalid_request naming each field that is missing, or the phone.
 */
export function customerInfo({
  customer,
  customerId,
}: Pick<SessionInput, 'customer' | 'customerId'>): CustomerInfo {
  if (customerId !== undefined) return { customer_id: customerId };
  return contactOf(customer ?? {}, 'customer.');
}

/**
 * @param at what a field's name begins with where it was asked for.
 * @throws ServiceError invalid_request naming each field that is missing or too long, or the phone.
 */
export function contactOf(given: Given, at: string): Contact {
  const { name, email, phone } = given;
  if (name === undefined || email === undefined || phone === undefined) {
    const missing = NEEDED.filter((key) => given[key] === undefined);
    throw refusal(missing.map((key) => ({ field: `${at}${key}`, rule: 'is required by Conekta' })));
  }
  assertFits({ name, email }, at);
  return { name, email, phone: dialled(phone, `${at}phone`) };
}

/** @throws ServiceError invalid_request naming each field that is too long. */
export function assertFits(given: Pick<Given, 'name' | 'email'>, at: string): void {
  const long = (['name', 'email'] as const).filter((key) => (given[key]?.length ?? 0) > MAX_TEXT);
  if (long.length === 0) return;
  const rule = `must be at most ${MAX_TEXT} characters at Conekta`;
  throw refusal(long.map((key) => ({ field: `${at}${key}`, rule })));
}

/** Only what is dialled, such as +525555555555: people write the rest in many ways. */
export function dialled(phone: string, field: string): string {
  const digits = phone.replace(/[ ().-]/g, '');
  if (/^\+?\d{10,15}$/.test(digits)) return digits;
  throw refusal([{ field, rule: 'must have 10 to 15 digits at Conekta' }]);
}

/** Where physical goods go, as Conekta takes it. */
export type OrderShippingContact = {
  receiver: string;
  phone: string;
  address: {
    street1: string;
    street2?: string;
    postal_code: string;
    city?: string;
    state?: string;
    country: string;
  };
};

/** @throws ServiceError invalid_request naming the field that Conekta does not take. */
export function shippingContactOf({
  shippingContact,
}: Pick<SessionInput, 'shippingContact'>): OrderShippingContact | undefined {
  if (shippingContact === undefined) return undefined;
  const { receiver, phone, address } = shippingContact;
  const { street1, street2, postalCode, city, state, country } = address;
  const faults = [
    ...(country === 'MX' && !/^\d{5}$/.test(postalCode)
      ? [{ field: 'shippingContact.address.postalCode', rule: 'must have 5 digits in Mexico at Conekta' }]
      : []),
    ...(city !== undefined && !/[A-Za-z]{2}/.test(city)
      ? [{ field: 'shippingContact.address.city', rule: 'must hold two plain letters in a row at Conekta' }]
      : []),
  ];
  if (faults.length > 0) throw refusal(faults);
  return {
    receiver,
    phone: dialled(phone, 'shippingContact.phone'),
    address: {
      street1,
      ...(street2 !== undefined && { street2 }),
      postal_code: postalCode,
      ...(city !== undefined && { city }),
      ...(state !== undefined && { state }),
      country,
    },
  };
}

function refusal(faults: FieldFault[]): ServiceError {
  const told = faults.map(({ field, rule }) => `${field} ${rule}`).join(', ');
  return new ServiceError('invalid_request', told, faults);
}
