/** A mutating call as it is recorded before it is made, and as it is sent again, byte for byte the same. */
export interface ProviderCall {
  /** Our operation id; the provider keeps it (idempotency key or metadata). */
  operationId: string;
  request: Readonly<Record<string, unknown>>;
  /** When it was first sent, if it was: it may have been acted upon, and must not be acted upon twice. */
  sentBefore?: Date | undefined;
  /** The provider's ids of what other calls have made, for a provider that keeps no mark of the call: not by this one. */
  madeByOthers?: readonly string[] | undefined;
}

/** What came of a call: its answer, or that nobody knows. Definite refusals are thrown as ProviderError. */
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

/** Times a call that begins now, until the function that it gives is told how it ended. */
export function timed(
  { provider, kind }: Pick<ProviderCallEnd, 'provider' | 'kind'>,
  observe?: ObserveCall,
): (outcome: CallOutcome) => void {
  const started = performance.now();
  return (outcome) => observe?.({ provider, kind, outcome, seconds: (performance.now() - started) / 1000 });
}
