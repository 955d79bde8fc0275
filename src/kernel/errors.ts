import { ERROR_CODES, type ErrorCode } from './error.codes.js';

/** One rule that one field of a request broke. `field` is a path such as `items[2].price`. */
export interface FieldFault {
  field: string;
  rule: string;
}

export type ErrorDetails = FieldFault[] | Record<string, unknown>;

/** The body of every error that leaves the process, over HTTP and over NATS. */
export interface ErrorBody {
  code: ErrorCode;
  message: string;
  details: ErrorDetails;
  requestId?: string;
}

/** The same over NATS, where no HTTP status stands beside it: gateways read it to answer their own callers. */
export interface RpcErrorBody extends ErrorBody {
  status: number;
}

export function rpcBodyOf(body: ErrorBody): RpcErrorBody {
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

/** A request refused because of one field. */
export function invalidField(field: string, rule: string): ServiceError {
  return new ServiceError('invalid_request', `${field} ${rule}`, [{ field, rule }]);
}

/**
 * What went wrong and why, in one line: the error's message and those of its causes, of an AggregateError all of them.
 * A driver's own words are often in the last one only. Drizzle's parameters, which may be a buyer's data, are left out.
 */
export function withCauses(error: unknown): string {
  const seen = new Set<unknown>();
  const told = new Set<string>();
  const visit = (link: unknown): void => {
    if (seen.has(link)) return;
    seen.add(link);
    // By its shape: an error of Node's own need not be an instance of this realm's Error.
    if (typeof link !== 'object' || link === null || !('message' in link)) {
      if (link !== undefined && link !== null) told.add(String(link));
      return;
    }
    // What Postgres said is told, not the whole statement that it was asked.
    const isQuery =
      'cause' in link && link.cause !== undefined && String(link.message).startsWith('Failed query:');
    const [message = ''] = String(link.message).split('\nparams: ');
    if (message.trim() !== '' && !isQuery) told.add(message.trim());
    if ('errors' in link && Array.isArray(link.errors)) link.errors.forEach(visit);
    if ('cause' in link) visit(link.cause);
  };
  visit(error);
  return told.size === 0 ? 'an error without a message' : [...told].join(': ');
}
