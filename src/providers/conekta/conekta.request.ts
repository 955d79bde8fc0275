import { parseIncompletePhoneNumber } from 'libphonenumber-js/core';
import { type FieldFault, invalidField, ServiceError } from '../../kernel/errors.js';
import { isJson, jsonOf, textOf } from '../json.read.js';
import type { SessionAdjustment, SessionInput, ShippingContact } from '../payment.ports.js';
import type { ProviderCall } from '../provider.calls.js';
import { assertMetadataFits, given } from '../request.rules.js';
import type { ConektaWrite } from './conekta.client.js';
import { assertCurrency, MAX_NAME, METADATA } from './conekta.limits.js';

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

/** What every order has, be it made with a checkout or with a charge. */
export type OrderParams = OrderLines & {
  currency: string;
  customer_info: CustomerInfo;
  shipping_contact?: ReturnType<typeof shippingContactOf>;
  metadata: Record<string, string>;
  pre_authorize?: boolean;
};

/** @throws ServiceError naming the field for what Conekta cannot do, or does not do without. */
export function orderParams(
  input: Lines &
    Pick<SessionInput, 'money' | 'metadata' | 'shippingContact' | 'capture' | 'paymentId'> & {
      orderId?: string | undefined;
    },
  payer: () => CustomerInfo,
  installationId: string | undefined,
): OrderParams {
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

type Lines = Pick<SessionInput, 'items'> & Partial<Pick<SessionInput, 'taxes' | 'shipping' | 'discounts'>>;

type OrderLines = {
  line_items: { name: string; unit_price: number; quantity: number }[];
  tax_lines?: { description: string; amount: number }[];
  shipping_lines?: { method: string; amount: number }[];
  discount_lines?: { code: string; type: string; amount: number }[];
};

/** What Conekta takes for the name of anything that is sold or shipped. */
const MIN_NAME = 3;
/** Conekta keeps a price in 32 bits. */
const MAX_UNIT_PRICE = 2_147_483_647n;

/** @throws ServiceError invalid_request or amount_out_of_bounds naming the line. */
function orderLines({ items, taxes = [], shipping = [], discounts = [] }: Lines): OrderLines {
  const lines = <Line>(all: readonly SessionAdjustment[], field: string, line: (name: string) => Line) =>
    all.map(({ name, amount }, at) => ({
      ...line(named(name, `${field}[${at}].name`)),
      amount: Number(amount),
    }));
  return {
    line_items: items.map(({ name, unitAmount, quantity }, at) => {
      assertPrice(unitAmount, `items[${at}]`);
      return { name: named(name, `items[${at}].name`), unit_price: Number(unitAmount), quantity };
    }),
    ...(taxes.length > 0 && { tax_lines: lines(taxes, 'taxes', (description) => ({ description })) }),
    ...(shipping.length > 0 && {
      shipping_lines: lines(shipping, 'shipping', (method) => ({ method })),
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

type Contact = { name: string; email: string; phone: string };
type Given = { [Key in keyof Contact]?: Contact[Key] | undefined };
export type CustomerInfo = { customer_id: string } | Contact;

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
export function contactOf(contact: Given, at: string): Contact {
  const { name, email, phone } = contact;
  if (name === undefined || email === undefined || phone === undefined) {
    const missing = (['name', 'email', 'phone'] as const).filter((key) => contact[key] === undefined);
    throw refusal(missing.map((key) => ({ field: `${at}${key}`, rule: 'is required by Conekta' })));
  }
  assertFits({ name, email }, at);
  return { name, email, phone: dialled(phone, `${at}phone`) };
}

/** @throws ServiceError invalid_request naming each field that is too long. */
export function assertFits(contact: Pick<Given, 'name' | 'email'>, at: string): void {
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
function shippingContactOf(contact: ShippingContact) {
  const { receiver, phone, address } = contact;
  const { street1, street2, postalCode, city, state, country } = address;
  const faults: FieldFault[] = [];
  if (country === 'MX' && !/^\d{5}$/.test(postalCode))
    faults.push({
      field: 'shippingContact.address.postalCode',
      rule: 'must have 5 digits in Mexico at Conekta',
    });
  if (city !== undefined && !/[A-Za-z]{2}/.test(city))
    faults.push({
      field: 'shippingContact.address.city',
      rule: 'must hold two plain letters in a row at Conekta',
    });
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
