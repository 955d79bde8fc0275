export type StripeErrorType = 'api_error' | 'card_error' | 'idempotency_error' | 'invalid_request_error';

export interface StripeErrorDetails {
  type?: StripeErrorType;
  code?: string;
  param?: string;
  decline_code?: string;
  /** Objects that Stripe puts beside the message, as the payment intent of a declined card. */
  extra?: Record<string, unknown>;
  /** True when the request was refused before it ran: such answers are not kept under a key. */
  beforeRunning?: boolean;
}

/** An answer in Stripe's error shape. */
export class StripeError extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly details: StripeErrorDetails = {},
  ) {
    super(message);
  }

  /** The body of the answer: `{error: {type, message, code?, param?, doc_url?, …}}`. */
  body(): { error: Record<string, unknown> } {
    const { type = 'invalid_request_error', code, param, decline_code, extra } = this.details;
    const docUrl = code && `https://docs.stripe.com/error-codes/${code.replaceAll('_', '-')}`;
    return {
      error: {
        ...(code && { code, doc_url: docUrl }),
        ...(decline_code && { decline_code }),
        message: this.message,
        ...(param && { param }),
        type,
        ...extra,
      },
    };
  }
}

/** 400 for a parameter that cannot be used; the request did not run. */
export function badParameter(message: string, param: string, code?: string): StripeError {
  return new StripeError(400, message, { param, ...(code && { code }), beforeRunning: true });
}

/** 400 for a request that does not fit the state of things; it ran, and the answer is kept. */
export function refused(message: string, details: StripeErrorDetails = {}): StripeError {
  return new StripeError(400, message, details);
}

/** 404 when the id is the address, 400 when it is a parameter that names something else. */
export function missing(kind: string, id: string, param = 'id'): StripeError {
  const status = param === 'id' || param === 'intent' || param === 'session' ? 404 : 400;
  return new StripeError(status, `No such ${kind}: '${id}'`, { code: 'resource_missing', param });
}
