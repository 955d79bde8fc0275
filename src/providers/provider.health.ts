import type { Clock } from '../kernel/clock.js';
import type { ProviderCallEnd } from './provider.calls.js';

/** So many calls in a row without a usable answer, and new sessions go elsewhere where they can. */
const FAILURES = 3;
/** Then the provider is tried again: one session finds out whether it is back. */
const REST_MS = 30_000;

interface Record {
  failures: number;
  lastFailureAt: number;
}

/** Which providers answer, as far as this process has noticed. A refusal is an answer. */
export class ProviderHealth {
  private readonly records = new Map<string, Record>();

  constructor(private readonly clock: Clock) {}

  note({ provider, outcome }: Pick<ProviderCallEnd, 'provider' | 'outcome'>): void {
    if (outcome === 'done' || outcome === 'refused') this.records.delete(provider);
    else {
      const failures = (this.records.get(provider)?.failures ?? 0) + 1;
      this.records.set(provider, { failures, lastFailureAt: this.clock.now().getTime() });
    }
  }

  isHealthy(provider: string): boolean {
    const record = this.records.get(provider);
    if (record === undefined || record.failures < FAILURES) return true;
    return this.clock.now().getTime() - record.lastFailureAt > REST_MS;
  }
}
