import { ServiceError } from '../../kernel/errors.js';

const RULES = {
  token: 'must be a token of this provider that was not used before',
  paymentSourceId: 'must be a card that the customer still has',
  default: 'needs a customer that has a default card',
} as const;

/** A card that cannot be used for what was asked, by the field that named it. */
export function unusableCard(field: keyof typeof RULES, cause?: unknown): ServiceError {
  const rule = RULES[field];
  return new ServiceError('card_unusable', `${field} ${rule}`, [{ field, rule }], { cause });
}
