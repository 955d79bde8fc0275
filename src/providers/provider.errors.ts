import { ServiceError } from '../kernel/errors.js';

/** Definite answers. What may have happened all the same is an Outcome, not an error. */
export type ProviderErrorKind =
  | 'invalid_request'
  | 'authentication'
  | 'rate_limited'
  | 'unavailable'
  | 'declined'
  /** A token or a card that is used up, expired, or somebody else's. */
  | 'card_unusable'
  | 'not_found'
  /** The object's state does not allow it; the message says why. */
  | 'not_allowed'
  /** No bill waits to be collected: it was paid, voided or written off, or is collected by itself. */
  | 'nothing_due';

export interface ProviderErrorDetails {
  provider: string;
  /** The provider's own code. */
  providerCode?: string | undefined;
  /** The provider's name of the parameter at fault. */
  param?: string | undefined;
  /** The provider's id of the request, for its support. */
  requestId?: string | undefined;
  /** As the provider asked: at least a second, at most ten minutes. */
  retryAfterMs?: number | undefined;
  /** For the buyer, in the language of the request. */
  buyerMessage?: string | undefined;
}

export class ProviderError extends Error {
  constructor(
    readonly kind: ProviderErrorKind,
    message: string,
    readonly details: ProviderErrorDetails,
    options?: { cause?: unknown },
  ) {
    super(message, options);
    this.name = 'ProviderError';
  }

  get retryable(): boolean {
    return this.kind === 'rate_limited' || this.kind === 'unavailable';
  }

  /** The provider was not reached, or did not let us in. */
  get isPassing(): boolean {
    return this.retryable || this.kind === 'authentication';
  }

  /** For the caller of our API: our faults at the provider are not the caller's. */
  toServiceError(): ServiceError {
    const details = Object.fromEntries(
      Object.entries(this.details).filter(([, value]) => value !== undefined),
    );
    const code = {
      invalid_request: 'provider_rejected',
      declined: 'card_declined',
      card_unusable: 'card_unusable',
      not_found: 'provider_rejected',
      not_allowed: 'transition_refused',
      nothing_due: 'transition_refused',
      authentication: 'provider_authentication',
      rate_limited: 'provider_unavailable',
      unavailable: 'provider_unavailable',
    } as const;
    return new ServiceError(code[this.kind], this.message, details, { cause: this });
  }
}

/**
 * Makes a provider's errors, in our own words: its own may quote the buyer's data, or our key.
 * @param title the provider's name as a person writes it.
 * @param card what it cannot use of a card.
 */
export function errorsOf(
  provider: string,
  title: string,
  card: string,
): (
  kind: ProviderErrorKind,
  details?: Omit<ProviderErrorDetails, 'provider'>,
  message?: string,
) => ProviderError {
  const messages: Readonly<Record<ProviderErrorKind, string>> = {
    invalid_request: 'refused the request',
    authentication: 'refused our key',
    rate_limited: 'asked us to slow down',
    unavailable: 'gave no usable answer',
    declined: 'declined the payment',
    card_unusable: `cannot use ${card}`,
    not_found: 'does not know the object',
    not_allowed: 'has it in a state that does not allow this',
    nothing_due: 'has no bill that waits to be collected',
  };
  return (kind, details = {}, message = `${title} ${messages[kind]}`) =>
    new ProviderError(kind, message, { provider, ...details });
}

const LONGEST_WAIT_S = 600;

/**
 * A `Retry-After` header in milliseconds, bounded. Undefined for anything but whole seconds above 0 (rate limits send
 * no dates): our own backoff holds then.
 */
export function retryAfterMs(header: string | undefined): number | undefined {
  if (header === undefined || !/^\d+$/.test(header)) return undefined;
  const seconds = Number(header);
  return seconds === 0 ? undefined : Math.min(seconds, LONGEST_WAIT_S) * 1000;
}

export function unsupported(field: string, rule: string): ServiceError {
  return new ServiceError('capability_not_supported', `${field}: ${rule}`, [{ field, rule }]);
}
