/**
 * Every error code that leaves the process, with its HTTP status and whether the same request may
 * succeed later. `docs/errors.md` explains each one and is held to this list by a test.
 */
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
