import { type Json, jsonOf } from '../json.read.js';
import { ProviderError } from '../provider.errors.js';
import type { Outcome, ProviderCall } from '../provider.port.js';

/** Stripe keeps an idempotency key for a day; after that a repeat could act twice, so we look first. */
const KEY_LIFETIME_MS = 23 * 3_600_000;

/** Whether the call was sent so long ago that Stripe may not know its key any more. */
export function mustLookFirst(call: ProviderCall, now: Date): call is ProviderCall & { sentBefore: Date } {
  return call.sentBefore !== undefined && now.getTime() - call.sentBefore.getTime() > KEY_LIFETIME_MS;
}

/**
 * What follows a write that was made. However it fails, the whole call is in doubt and no refusal: it is made
 * again, Stripe replays the write, and what follows is tried anew.
 */
export async function afterwards<T>(work: () => Promise<Outcome<T>>): Promise<Outcome<T>> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ProviderError) return { known: false, error };
    throw error;
  }
}

/** Parameters of something new, marked with the operation that makes it, by which a late look finds it. */
export function marked(params: Json, { operationId }: ProviderCall): Json {
  return { ...params, metadata: { ...jsonOf(params.metadata), operationId } };
}
