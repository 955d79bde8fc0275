import type { SandboxClock } from '../clock.js';
import { StripeError } from './stripe.errors.js';

const KEPT_SECONDS = 24 * 60 * 60;
const LONGEST_KEY = 255;

export interface StoredAnswer {
  status: number;
  body: object;
  headers: Record<string, string>;
}

interface Entry {
  fingerprint: string;
  startedAt: number;
  /** Null while the first request with this key is still under way. */
  answer: StoredAnswer | null;
}

/** Stripe's idempotency: the first answer under a key is the answer for a day, a 5xx as well. */
export class IdempotencyStore {
  private readonly entries = new Map<string, Entry>();

  constructor(private readonly clock: SandboxClock) {}

  /**
   * The stored answer to replay, or null when the caller is the first and must now act.
   * Throws `idempotency_error` for other parameters and `idempotency_key_in_use` for a race.
   */
  begin(key: string, fingerprint: string): StoredAnswer | null {
    this.prune();
    if (key.length > LONGEST_KEY) {
      throw new StripeError(400, `Idempotency keys may be at most ${LONGEST_KEY} characters long.`);
    }
    const entry = this.entries.get(key);
    if (!entry) {
      this.entries.set(key, { fingerprint, startedAt: this.clock.seconds(), answer: null });
      return null;
    }
    if (entry.fingerprint !== fingerprint) throw otherParameters(key);
    if (entry.answer === null) throw inUse(key);
    return entry.answer;
  }

  finish(key: string, answer: StoredAnswer): void {
    const entry = this.entries.get(key);
    if (entry) entry.answer = answer;
  }

  /** The request did not run: the key is as good as new. */
  forget(key: string): void {
    this.entries.delete(key);
  }

  private prune(): void {
    const oldest = this.clock.seconds() - KEPT_SECONDS;
    for (const [key, entry] of this.entries) if (entry.startedAt < oldest) this.entries.delete(key);
  }
}

function otherParameters(key: string): StripeError {
  const message = `Keys for idempotent requests can only be used with the same parameters they were first used with. Try using a key other than '${key}' if you meant to execute a different request.`;
  return new StripeError(400, message, { type: 'idempotency_error' });
}

function inUse(key: string): StripeError {
  const message = `There is currently another in-progress request using this Stripe account's idempotency key '${key}' (that probably means you submitted twice, and the other request is still going through).`;
  return new StripeError(409, message, { type: 'invalid_request_error', code: 'idempotency_key_in_use' });
}
