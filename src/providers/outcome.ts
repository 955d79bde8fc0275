import { ProviderError, type ProviderErrorKind } from './provider.errors.js';
import type { Outcome } from './provider.port.js';

type Maybe<T> = T | Promise<T>;

export function known<T>(value: T): { known: true; value: T } {
  return { known: true, value };
}

export function inDoubt(error: Error): { known: false; error: Error } {
  return { known: false, error };
}

/** `value` where the answer has it; an answer without it is none, and leaves the call in doubt. */
export function knownOr<T>(value: T | undefined, error: Error): Outcome<T> {
  return value === undefined ? inDoubt(error) : known(value);
}

/** What is done with an answer; a call in doubt stays so. */
export async function andThen<T, U>(
  outcome: Maybe<Outcome<T>>,
  next: (value: T) => Maybe<Outcome<U>>,
): Promise<Outcome<U>> {
  const told = await outcome;
  return told.known ? next(told.value) : told;
}

/** @param refused which refusals `instead` stands for; it may throw its own or the same again. */
export async function unlessRefused<T>(
  refused: readonly ProviderErrorKind[] | ((error: ProviderError) => boolean),
  work: () => Promise<T>,
  instead: (error: ProviderError) => Maybe<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    if (typeof refused === 'function' ? !refused(error) : !refused.includes(error.kind)) throw error;
    return instead(error);
  }
}

/** For reads. */
export function unlessUnknown<T>(work: () => Promise<T>): Promise<T | undefined> {
  return unlessRefused<T | undefined>(['not_found'], work, () => undefined);
}

/** A repeat of what is so by now is refused; a failure that passes says nothing. */
export function isFinal(error: ProviderError): boolean {
  return !error.retryable;
}

/**
 * For what follows a call that has acted, or may have: however it fails, it refuses nothing. The whole call is in doubt,
 * and is made again.
 */
export function afterActing<T>(work: () => Promise<Outcome<T>>): Promise<Outcome<T>> {
  return unlessRefused(() => true, work, inDoubt);
}

/** As `afterActing`, but a definite refusal is told. */
export function orInDoubt<T>(work: () => Promise<Outcome<T>>): Promise<Outcome<T>> {
  return unlessRefused((error) => error.retryable, work, inDoubt);
}
