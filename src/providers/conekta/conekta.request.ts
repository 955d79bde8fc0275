import { parseIncompletePhoneNumber } from 'libphonenumber-js/core';
import { type FieldFault, invalidField, ServiceError } from '../../kernel/errors.js';
import type { Contact } from '../billing.facts.js';
import { isJson, jsonOf, textOf } from '../json.read.js';
import type { SessionInput, ShippingContact } from '../payment.ports.js';
import type { ProviderCall } from '../provider.calls.js';
import { assertMetadataFits, given } from '../request.rules.js';
import { assertCurrency, MAX_NAME, METADATA } from './conekta.account.js';
import type { ConektaWrite } from './conekta.client.js';

/** A recorded request, with what is needed to find out later whether it was acted upon. */
export type RecordedWrite = {
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

/** @throws Error for a record that lacks it. */
export function recordedId(
  { operationId, request }: ProviderCall,
  name: 'customerId' | 'subscriptionId' | 'planId',
): string {
  const id = textOf(request[name]);
  if (id === undefined) throw new Error(`operation ${operationId} holds no ${name}`);
  return id;
}

/** What makes a recorded order, marked with the operation. @throws Error for a record that holds none. */
export function orderWriteOf({ operationId, request }: ProviderCall): ConektaWrite {
  const { order, language } = request;
  if (!isJson(order)) throw new Error(`operation ${operationId} holds no order`);
  const metadata = { ...jsonOf(order.metadata), operationId };
  const body = { ...order, metadata };
  return { method: 'POST', path: '/orders', body, ...(language === 'en' && { language }) };
}

type Lines = Pick<SessionInput, 'items'> & Partial<Pick<SessionInput, 'taxes' | 'shipping' | 'discounts'>>;
type Purchase = Lines &
  Pick<SessionInput, 'money' | 'metadata' | 'shippingContact' | 'capture' | 'paymentId'> &
  Partial<Pick<SessionInput, 'orderId'>>;

/**
 * What every order has, be it made with a checkout or with a charge.
 * @throws ServiceError naming the field that Conekta cannot do, or does not do without.
 */
export function orderParams(input: Purchase, payer: () => CustomerInfo, installationId: string | undefined) {
  const { money, metadata, paymentId, orderId, capture, shippingContact } = input;
  assertCurrency(money);
  assertMetadataFits(metadata, METADATA);
  const shipping_contact = shippingContact && shippingContactOf(shippingContact);
  return {
    currency: money.currency,
    customer_info: payer(),
    ...given({ shipping_contact }),
    ...orderLines(input),
    metadata: { ...metadata, paymentId, ...given({ orderId, installationId }) },
    ...(capture === 'manual' && { pre_authorize: true }),
  };
}

/** What Conekta takes for the name of anything that is sold or shipped. */
const MIN_NAME = 3;
/** Conekta keeps a price in 32 bits. */
const MAX_UNIT_PRICE = 2_147_483_647n;

/** @throws ServiceError invalid_request or amount_out_of_bounds naming the line. */
function orderLines({ items, taxes = [], shipping = [], discounts = [] }: Lines) {
  return {
    line_items: items.map(({ name, unitAmount, quantity }, at) => {
      assertPrice(unitAmount, `items[${at}]`);
      return { name: named(name, `items[${at}].name`), unit_price: Number(unitAmount), quantity };
    }),
    ...(taxes.length > 0 && {
      tax_lines: taxes.map(({ name, amount }, at) => ({
        description: named(name, `taxes[${at}].name`),
        amount: Number(amount),
      })),
    }),
    ...(shipping.length > 0 && {
      shipping_lines: shipping.map(({ name, amount }, at) => ({
        method: named(name, `shipping[${at}].name`),
        amount: Number(amount),
      })),
    }),
    // A coupon is one of the four kinds that Conekta knows, for its own reports only.
    ...(discounts.length > 0 && {
      discount_lines: discounts.map(({ name: code, amount }) => ({
        code,
        type: 'coupon',
        amount: Number(amount),
      })),
    }),
  };
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

const CONTACT = ['name', 'email', 'phone'] as const;
type WholeContact = Record<(typeof CONTACT)[number], string>;
export type CustomerInfo = { customer_id: string } | WholeContact;

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
export function contactOf(contact: Contact, at: string): WholeContact {
  const { name, email, phone } = contact;
  if (name === undefined || email === undefined || phone === undefined) {
    const missing = CONTACT.filter((key) => contact[key] === undefined);
    throw refusal(missing.map((key) => ({ field: `${at}${key}`, rule: 'is required by Conekta' })));
  }
  assertFits({ name, email }, at);
  return { name, email, phone: dialled(phone, `${at}phone`) };
}

/** @throws ServiceError invalid_request naming each field that is too long. */
export function assertFits(contact: Omit<Contact, 'phone'>, at: string): void {
  const long = (['name', 'email'] as const).filter((key) => (contact[key]?.length ?? 0) > MAX_NAME);
  if (long.length === 0) return;
  const rule = `must be at most ${MAX_NAME} characters at Conekta`;
  throw refusal(long.map((key) => ({ field: `${at}${key}`, rule })));
}

/** Only what is dialled, such as +525555555555: people write the rest in many ways. */
export function dialled(phone: string, field: string): string {
  const number = parseIncompletePhoneNumber(phone);
  if (/^\+?\d{10,15}$/.test(number)) return number;
  throw refusal([{ field, rule: 'must have 10 to 15 digits at Conekta' }]);
}

/** Where physical goods go. @throws ServiceError invalid_request naming the field that Conekta does not take. */
function shippingContactOf({ receiver, phone, address }: ShippingContact) {
  const { street1, street2, postalCode, city, state, country } = address;
  const faults: FieldFault[] = [];
  const refuse = (name: string, rule: string) =>
    faults.push({ field: `shippingContact.address.${name}`, rule: `${rule} at Conekta` });
  if (country === 'MX' && !/^\d{5}$/.test(postalCode)) refuse('postalCode', 'must have 5 digits in Mexico');
  if (city !== undefined && !/[A-Za-z]{2}/.test(city)) refuse('city', 'must hold two plain letters in a row');
  if (faults.length > 0) throw refusal(faults);
  return {
    receiver,
    phone: dialled(phone, 'shippingContact.phone'),
    address: { street1, postal_code: postalCode, country, ...given({ street2, city, state }) },
  };
}

function refusal(faults: FieldFault[]): ServiceError {
  const told = faults.map(({ field, rule }) => `${field} ${rule}`).join(', ');
  return new ServiceError('invalid_request', told, faults);
}
