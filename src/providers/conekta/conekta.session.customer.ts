import { type FieldFault, ServiceError } from '../../kernel/errors.js';
import type { SessionInput } from '../provider.port.js';

export type CustomerInfo = { customer_id: string } | { name: string; email: string; phone: string };

const NEEDED = ['name', 'email', 'phone'] as const;

/**
 * Who pays. Conekta takes no order from a stranger.
 * @throws ServiceError invalid_request naming each field that is missing, or the phone.
 */
export function customerInfo({ customer, customerId }: SessionInput): CustomerInfo {
  if (customerId !== undefined) return { customer_id: customerId };
  const { name, email, phone } = customer ?? {};
  if (name === undefined || email === undefined || phone === undefined) {
    const missing = NEEDED.filter((key) => customer?.[key] === undefined);
    throw refusal(missing.map((key) => ({ field: `customer.${key}`, rule: 'is required by Conekta' })));
  }
  return { name, email, phone: dialled(phone) };
}

/** Only what is dialled, such as +525555555555: people write the rest in many ways. */
function dialled(phone: string): string {
  const digits = phone.replace(/[ ().-]/g, '');
  if (/^\+?\d{10,15}$/.test(digits)) return digits;
  throw refusal([{ field: 'customer.phone', rule: 'must have 10 to 15 digits at Conekta' }]);
}

function refusal(faults: FieldFault[]): ServiceError {
  const told = faults.map(({ field, rule }) => `${field} ${rule}`).join(', ');
  return new ServiceError('invalid_request', told, faults);
}
