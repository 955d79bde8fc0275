import { ProviderError, type ProviderErrorKind } from './provider.errors.js';

/** A mutating call as it is recorded before it is made; sent again byte for byte the same. */
export interface ProviderCall {
  /** Our operation id; the provider keeps it (idempotency key or metadata). */
  operationId: string;
  request: Readonly<Record<string, unknown>>;
  /** When it was first sent, if it was: the provider may have acted, and must not act twice. */
  sentBefore?: Date | undefined;
  /** The provider's ids of what other calls made, for a provider that keeps no mark of the call. */
  madeByOthers?: readonly string[] | undefined;
}

/** A call's answer, or that nobody knows. Definite refusals are thrown as ProviderError. */
export type Outcome<T> = { known: true; value: T } | { known: false; error: Error };

/** How a call to a provider ended; `unknown`: it may have acted. */
export type CallOutcome = 'done' | 'refused' | 'unavailable' | 'unknown';

export interface ProviderCallEnd {
  provider: string;
  kind: 'read' | 'write';
  outcome: CallOutcome;
  seconds: number;
}

export type ObserveCall = (call: ProviderCallEnd) => void;

/** Times a call from now until the returned function is told how it ended. */
export function timed(
  { provider, kind }: Pick<ProviderCallEnd, 'provider' | 'kind'>,
  observe?: ObserveCall,
): (outcome: CallOutcome) => void {
  const started = performance.now();
  return (outcome) => observe?.({ provider, kind, outcome, seconds: (performance.now() - started) / 1000 });
}

type Maybe<T> = T | Promise<T>;

export function known<T>(value: T): { known: true; value: T } {
  return { known: true, value };
}

export function inDoubt(error: Error): { known: false; error: Error } {
  return { known: false, error };
}

/** An answer without `value` leaves the call in doubt. */
export function knownOr<T>(value: T | undefined, error: Error): Outcome<T> {
  return value === undefined ? inDoubt(error) : known(value);
}

/** A call in doubt stays so. */
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

export function unlessUnknown<T>(work: () => Promise<T>): Promise<T | undefined> {
  return unlessRefused<T | undefined>(['not_found'], work, () => undefined);
}

/** A definite refusal, such as of a repeat; a passing failure says nothing. */
export function isFinal(error: ProviderError): boolean {
  return !error.retryable;
}

/** For what follows a call that may have acted: whatever fails, the whole call is in doubt, and is made again. */
export function afterActing<T>(work: () => Promise<Outcome<T>>): Promise<Outcome<T>> {
  return unlessRefused(() => true, work, inDoubt);
}

/** As `afterActing`, but a definite refusal is told. */
export function orInDoubt<T>(work: () => Promise<Outcome<T>>): Promise<Outcome<T>> {
  return unlessRefused((error) => error.retryable, work, inDoubt);
}
