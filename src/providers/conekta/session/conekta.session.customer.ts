import { type FieldFault, ServiceError } from '../../../kernel/errors.js';
import type { SessionInput } from '../../provider.port.js';

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
