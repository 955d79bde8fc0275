import { invalidField } from '../kernel/errors.js';

/** How long a provider lets a checkout live, in seconds. */
export interface Lifetime {
  minimum: number;
  maximum: number;
  /** The provider's name, for the refusal. */
  at: string;
}

/**
 * Providers count from when the request arrives, by their own clock: a checkout asked for at a limit stays inside
 * it.
 */
const MARGIN_SECONDS = 120;

/** Seconds since 1970. @throws ServiceError invalid_request naming `expiresIn`. */
export function expiryWithin({ minimum, maximum, at }: Lifetime, expiresIn: number, now: Date): number {
  if (expiresIn < minimum || expiresIn > maximum) {
    throw invalidField('expiresIn', `must be between ${minimum} and ${maximum} seconds at ${at}`);
  }
  const seconds = Math.min(Math.max(expiresIn, minimum + MARGIN_SECONDS), maximum - MARGIN_SECONDS);
  return Math.floor(now.getTime() / 1000 + seconds);
}
