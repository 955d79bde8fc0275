/** Every error code. `retryable`: the same request may succeed later. A test holds docs/errors.md to this list. */
export const ERROR_CODES = {
  invalid_request: { status: 400, retryable: false },
  signature_invalid: { status: 400, retryable: false },
  idempotency_key_required: { status: 400, retryable: false },
  unauthorized: { status: 401, retryable: false },
  card_declined: { status: 402, retryable: false },
  forbidden: { status: 403, retryable: false },
  not_found: { status: 404, retryable: false },
  order_not_yours: { status: 409, retryable: false },
  order_already_paid: { status: 409, retryable: false },
  order_payment_pending: { status: 409, retryable: false },
  customer_subscribed: { status: 409, retryable: false },
  card_in_use: { status: 409, retryable: false },
  plan_exists: { status: 409, retryable: false },
  transition_refused: { status: 409, retryable: false },
  operation_in_doubt: { status: 409, retryable: true },
  endpoint_exists: { status: 409, retryable: false },
  endpoint_limit_reached: { status: 409, retryable: false },
  payload_too_large: { status: 413, retryable: false },
  unsupported_media_type: { status: 415, retryable: false },
  idempotency_key_reused: { status: 422, retryable: false },
  capability_not_supported: { status: 422, retryable: false },
  amount_out_of_bounds: { status: 422, retryable: false },
  currency_not_supported: { status: 422, retryable: false },
  order_not_found: { status: 422, retryable: false },
  card_unusable: { status: 422, retryable: false },
  encryption_key_missing: { status: 422, retryable: false },
  rate_limited: { status: 429, retryable: true },
  internal: { status: 500, retryable: true },
  answer_too_large: { status: 500, retryable: false },
  provider_rejected: { status: 502, retryable: false },
  provider_authentication: { status: 502, retryable: false },
  provider_unavailable: { status: 503, retryable: true },
  unknown_outcome: { status: 503, retryable: true },
  database_unavailable: { status: 503, retryable: true },
  orders_unavailable: { status: 503, retryable: true },
  overloaded: { status: 503, retryable: true },
} as const satisfies Record<string, { status: number; retryable: boolean }>;

export type ErrorCode = keyof typeof ERROR_CODES;

/** One rule that one field of a request broke. `field` is a path such as `items[2].price`. */
export interface FieldFault {
  field: string;
  rule: string;
}

export type ErrorDetails = FieldFault[] | Record<string, unknown>;

/** The body of every error, over HTTP and NATS. */
export interface ErrorBody {
  code: ErrorCode;
  message: string;
  details: ErrorDetails;
  requestId?: string;
}

/** With the HTTP status, which gateways answer their own callers with. */
export function rpcBodyOf(body: ErrorBody): ErrorBody & { status: number } {
  return { ...body, status: ERROR_CODES[body.code].status };
}

/** An expected failure: safe to show to the caller. Anything else that is thrown is a bug and shown as `internal`. */
export class ServiceError extends Error {
  readonly status: number;
  readonly retryable: boolean;

  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly details: ErrorDetails = [],
    options?: { cause?: unknown },
  ) {
    super(message, options);
    this.name = 'ServiceError';
    this.status = ERROR_CODES[code].status;
    this.retryable = ERROR_CODES[code].retryable;
  }

  toBody(requestId?: string): ErrorBody {
    const body: ErrorBody = { code: this.code, message: this.message, details: this.details };
    return requestId === undefined ? body : { ...body, requestId };
  }
}

export function invalidField(field: string, rule: string): ServiceError {
  return new ServiceError('invalid_request', `${field} ${rule}`, [{ field, rule }]);
}

/** By its shape: an error of Node's own need not be an instance of this realm's Error. */
interface Told {
  readonly message: unknown;
  readonly code?: unknown;
  readonly cause?: unknown;
  readonly errors?: unknown;
}

function isTold(thrown: unknown): thrown is Told {
  return typeof thrown === 'object' && thrown !== null && 'message' in thrown;
}

/** Drizzle's message holds the parameters, a buyer's data: they are cut, and all of it where the driver says more. */
function wordsOf({ message, cause }: Told): string {
  const [words = ''] = String(message).split('\nparams: ');
  return words.startsWith('Failed query:') && cause !== undefined ? '' : words.trim();
}

const MAX_DESCRIPTION = 500;

/** One line for a log or a column: the first of the error and its causes that says something. */
export function describeError(error: unknown): string {
  const tell = (link: unknown): string => {
    if (!isTold(link)) return String(link);
    const words = wordsOf(link);
    if (words !== '') return words.startsWith('Failed query:') ? 'a statement failed' : words;
    if (link.cause !== undefined) return tell(link.cause);
    // A name with several addresses, none of which answers: the error itself says nothing.
    const tried = Array.isArray(link.errors) ? link.errors.map(tell).join('; ') : '';
    return tried || String(link.code ?? link);
  };
  return tell(error).slice(0, MAX_DESCRIPTION);
}

/** The words of an error and of all its causes, in one line: a driver's are often in the last one only. */
export function withCauses(error: unknown): string {
  const seen = new Set<unknown>();
  const told = new Set<string>();
  const visit = (link: unknown): void => {
    if (link === undefined || link === null || seen.has(link)) return;
    seen.add(link);
    if (!isTold(link)) {
      told.add(String(link));
      return;
    }
    told.add(wordsOf(link));
    if (Array.isArray(link.errors)) link.errors.forEach(visit);
    visit(link.cause);
  };
  visit(error);
  told.delete('');
  return told.size === 0 ? 'an error without a message' : [...told].join(': ');
}
