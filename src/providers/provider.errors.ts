import { ServiceError } from '../kernel/errors.js';

/** The definite ways a provider's answer can be bad. What may have happened all the same is an Outcome, not an error. */
export type ProviderErrorKind =
  | 'invalid_request'
  | 'authentication'
  | 'rate_limited'
  | 'unavailable'
  | 'declined'
  /** A token or a card that cannot be used for this: used up, expired, or somebody else's. */
  | 'card_unusable'
  | 'not_found'
  /** It stands so there that this cannot be done with it; the message says why. */
  | 'not_allowed'
  /** A bill was to be collected, and none waits for it: it was paid, voided or written off, or is collected by itself. */
  | 'nothing_due';

export interface ProviderErrorDetails {
  provider: string;
  /** The provider's own code. */
  providerCode?: string | undefined;
  /** The provider's name of the parameter at fault. */
  param?: string | undefined;
  /** The provider's id of the request, for its support. */
  requestId?: string | undefined;
  /** Wait this long before the next try, as the provider asked: at least a second, at most ten minutes. */
  retryAfterMs?: number | undefined;
  /** What the provider has to say to the buyer, in the language that it was asked in. */
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

  /** The same, for the caller of our API: our faults at the provider are not the caller's. */
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
 * Makes a provider's errors, in our own words: what it writes itself may quote the buyer's data, or the key that was wrong.
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

/** Longer than this nobody waits, whatever a provider asks for. */
const LONGEST_WAIT_S = 600;

/**
 * What a `Retry-After` header asks for, in milliseconds and bounded. Undefined for 0, for what is no whole number of
 * seconds, and for the header's other form, a date, which rate limits do not use: our own backoff holds then.
 */
export function retryAfterMs(header: string | undefined): number | undefined {
  if (header === undefined || !/^\d+$/.test(header)) return undefined;
  const seconds = Number(header);
  return seconds === 0 ? undefined : Math.min(seconds, LONGEST_WAIT_S) * 1000;
}

/** What a provider does not have, by the field that asks for it. */
export function unsupported(field: string, rule: string): ServiceError {
  return new ServiceError('capability_not_supported', `${field}: ${rule}`, [{ field, rule }]);
}
