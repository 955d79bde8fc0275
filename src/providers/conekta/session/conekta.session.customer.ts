import { type FieldFault, ServiceError } from '../../../kernel/errors.js';
import type { SessionInput } from '../../provider.port.js';

type Contact = { name: string; email: string; phone: string };
export type CustomerInfo = { customer_id: string } | Contact;

type Given = { [Key in keyof Contact]?: Contact[Key] | undefined };

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
 * @throws ServiceError invalid_request naming each field that is missing, or the phone.
 */
export function contactOf(given: Given, at: string): Contact {
  const { name, email, phone } = given;
  if (name === undefined || email === undefined || phone === undefined) {
    const missing = NEEDED.filter((key) => given[key] === undefined);
    throw refusal(missing.map((key) => ({ field: `${at}${key}`, rule: 'is required by Conekta' })));
  }
  return { name, email, phone: dialled(phone, `${at}phone`) };
}

/** Only what is dialled, such as +525555555555: people write the rest in many ways. */
export function dialled(phone: string, field: string): string {
  const digits = phone.replace(/[ ().-]/g, '');
  if (/^\+?\d{10,15}$/.test(digits)) return digits;
  throw refusal([{ field, rule: 'must have 10 to 15 digits at Conekta' }]);
}

function refusal(faults: FieldFault[]): ServiceError {
  const told = faults.map(({ field, rule }) => `${field} ${rule}`).join(', ');
  return new ServiceError('invalid_request', told, faults);
}
