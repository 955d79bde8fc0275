import type { Clock } from '../kernel/clock.js';
import { type Readiness, ReadinessCheck } from '../ops/readiness.js';
import type { ProviderCallEnd } from './provider.calls.js';

/** So many calls in a row without a usable answer, and new sessions go elsewhere where they can. */
const FAILURES = 3;
/** Then the provider is tried again: one session finds out whether it is back. */
const REST_MS = 30_000;

interface Record {
  failures: number;
  firstFailureAt: number;
  lastFailureAt: number;
}

/** Which providers answer, as far as this process has noticed. A refusal is an answer. */
export class ProviderHealth {
  private readonly records = new Map<string, Record>();

  constructor(private readonly clock: Clock) {}

  note({ provider, outcome }: Pick<ProviderCallEnd, 'provider' | 'outcome'>): void {
    if (outcome === 'done' || outcome === 'refused') this.records.delete(provider);
    else {
      const lastFailureAt = this.clock.now().getTime();
      const { failures = 0, firstFailureAt = lastFailureAt } = this.records.get(provider) ?? {};
      this.records.set(provider, { failures: failures + 1, firstFailureAt, lastFailureAt });
    }
  }

  isHealthy(provider: string): boolean {
    return this.awaySince(provider) === undefined;
  }

  /** The first of the calls in a row that were not answered; undefined while it is healthy. */
  awaySince(provider: string): Date | undefined {
    const record = this.records.get(provider);
    if (record === undefined || record.failures < FAILURES) return undefined;
    const rested = this.clock.now().getTime() - record.lastFailureAt > REST_MS;
    return rested ? undefined : new Date(record.firstFailureAt);
  }
}

/** While it does not answer, its webhooks are taken all the same. */
export class ProviderCheck extends ReadinessCheck {
  constructor(
    readonly name: string,
    private readonly health: ProviderHealth,
    /** A stand-in where an operator would not expect one. */
    private readonly isPlayed = false,
  ) {
    super();
  }

  async check(): Promise<Readiness> {
    const since = this.health.awaySince(this.name);
    if (since !== undefined) return { ok: false, since, reason: 'the provider does not answer' };
    if (!this.isPlayed) return { ok: true };
    const variable = `${this.name.toUpperCase()}_API_BASE`;
    return { ok: true, note: `a stand-in answers for ${this.name} (${variable}): no money moves` };
  }
}
