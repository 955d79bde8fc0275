import { ProviderError } from '../provider.errors.js';
import type { Outcome } from '../provider.port.js';

/**
 * For reads that follow a call which has acted, or may have: whatever goes wrong with them refuses nothing, and the
 * whole is for later.
 */
export async function afterActing<T>(work: () => Promise<Outcome<T>>): Promise<Outcome<T>> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ProviderError) return { known: false, error };
    throw error;
  }
}

/**
 * For work that follows a call which may have acted: being unable to go on is then no refusal, and the whole is
 * for later.
 */
export async function orInDoubt<T>(work: () => Promise<Outcome<T>>): Promise<Outcome<T>> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ProviderError && error.retryable) return { known: false, error };
    throw error;
  }
}
