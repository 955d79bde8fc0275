import { ValidateBy, type ValidationArguments } from 'class-validator';
import { ORDER_ID_TYPE } from '../../kernel/order.id.js';
import { holdsCardNumber } from './card-number.rule.js';
import { isPlain } from './plain-text.rule.js';

const MAX_KEYS = 20;
const KEY = /^[A-Za-z0-9_.-]{1,40}$/;
const MAX_VALUE_LENGTH = 249;

/** We write these at the provider ourselves: they say to whom or what of ours an object there belongs. */
export const RESERVED_METADATA: ReadonlySet<string> = new Set([
  'orderId',
  ORDER_ID_TYPE,
  'paymentId',
  'operationId',
  'customerId',
  'subscriptionId',
  'setupId',
  'installationId',
]);

/** The caller's own notes on a payment, as the smaller of the providers takes them. */
export function IsMetadata(): PropertyDecorator {
  return ValidateBy({
    name: 'metadata',
    validator: {
      validate: (value: unknown) => metadataFault(value) === undefined,
      defaultMessage: (args?: ValidationArguments) => metadataFault(args?.value) ?? 'is not valid',
    },
  });
}

function metadataFault(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return 'must be an object of texts';
  const entries = Object.entries(value);
  if (entries.length > MAX_KEYS) return `must have at most ${MAX_KEYS} keys`;
  if (entries.some(([key]) => !KEY.test(key))) {
    return 'must have keys of 1 to 40 letters, digits, dots, dashes or underscores';
  }
  if (entries.some(([key]) => RESERVED_METADATA.has(key))) {
    return `must not hold ${[...RESERVED_METADATA].join(', ')}`;
  }
  if (!entries.every(([, text]) => isValue(text))) {
    return `must hold only texts of at most ${MAX_VALUE_LENGTH} characters in one line`;
  }
  // By the key: a caller with twenty of them has to know which.
  const [carded] = entries.find(([key, text]) => holdsCardNumber(key) || holdsCardNumber(text)) ?? [];
  if (carded !== undefined) {
    return holdsCardNumber(carded)
      ? 'must not hold a card number: a key is one'
      : `must not hold a card number: ${carded} does`;
  }
  return undefined;
}

function isValue(value: unknown): boolean {
  return typeof value === 'string' && value.length <= MAX_VALUE_LENGTH && isPlain(value);
}
