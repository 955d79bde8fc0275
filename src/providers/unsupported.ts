import { ServiceError } from '../kernel/errors.js';

/** What a provider does not have, by the field that asks for it. */
export function unsupported(field: string, rule: string): ServiceError {
  return new ServiceError('capability_not_supported', `${field}: ${rule}`, [{ field, rule }]);
}
