/** How a call to a provider ended; `unknown`: it may have acted. */
export type CallOutcome = 'done' | 'refused' | 'unavailable' | 'unknown';

export interface ProviderCallEnd {
  provider: string;
  kind: 'read' | 'write';
  outcome: CallOutcome;
  seconds: number;
}

export type ObserveCall = (call: ProviderCallEnd) => void;
