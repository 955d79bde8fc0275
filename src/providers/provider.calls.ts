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
