import { Injectable } from '@nestjs/common';
import { RoutingSettings } from '../config/settings.js';
import { ServiceError } from '../kernel/errors.js';
import type { Clock } from '../kernel/clock.js';
import { type Readiness, ReadinessCheck } from '../ops/readiness.js';
import type { ProviderCallEnd } from './provider.calls.js';
import { unsupported } from './provider.errors.js';
import { can, type Part, type PaymentProvider, type With } from './provider.port.js';

/** After so many unanswered calls in a row new sessions go elsewhere, where they can. */
const FAILURES = 3;
/** Then one session finds out whether it is back. */
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

export class ProviderCheck implements ReadinessCheck {
  constructor(
    readonly name: string,
    private readonly health: ProviderHealth,
    /** A stand-in in production. */
    private readonly isPlayed = false,
  ) {}

  async check(): Promise<Readiness> {
    const since = this.health.awaySince(this.name);
    if (since !== undefined) return { ok: false, since, reason: 'the provider does not answer' };
    if (!this.isPlayed) return { ok: true };
    const variable = `${this.name.toUpperCase()}_API_BASE`;
    return { ok: true, note: `a stand-in answers for ${this.name} (${variable}): no money moves` };
  }
}

/** For sessions that name none, and for webhooks under the old paths. */
export const DEFAULT_PROVIDER = 'stripe';

/** The providers that are configured. */
@Injectable()
export class ProviderRegistry {
  private readonly providers: ReadonlyMap<string, PaymentProvider>;

  constructor(
    providers: readonly PaymentProvider[],
    private readonly routing: RoutingSettings,
    private readonly health: ProviderHealth,
  ) {
    this.providers = new Map(providers.map((provider) => [provider.name, provider]));
  }

  get all(): readonly PaymentProvider[] {
    return [...this.providers.values()];
  }

  find(name: string): PaymentProvider | undefined {
    return this.providers.get(name);
  }

  /** @throws ServiceError capability_not_supported when it is not configured. */
  get(name: string): PaymentProvider {
    const provider = this.providers.get(name);
    if (provider === undefined) {
      const rule = `must be one of ${[...this.providers.keys()].join(', ')}`;
      const message = `provider "${name}" is not configured: it ${rule}`;
      throw new ServiceError('capability_not_supported', message, [{ field: 'provider', rule }]);
    }
    return provider;
  }

  /** @throws ServiceError capability_not_supported when it is not configured, or lacks this part. */
  with<P extends Part>(name: string, part: P): With<P> {
    const provider = this.get(name);
    if (can(provider, part)) return provider;
    throw lacking(part, [name]);
  }

  /**
   * The candidates that have this part, best first; never empty.
   * @throws ServiceError as `candidates`; capability_not_supported when none has it.
   */
  candidatesWith<P extends Part>(part: P, currency: string, wished: string | undefined): readonly With<P>[] {
    const candidates = this.candidates(currency, wished);
    const able = candidates.filter((provider) => can(provider, part));
    if (able.length > 0) return able;
    throw lacking(
      part,
      candidates.map(({ name }) => name),
    );
  }

  /** Who takes a session in this currency, best first: by wish, else by PROVIDER_ROUTES, the unhealthy last. */
  candidates(currency: string, wished: string | undefined): readonly PaymentProvider[] {
    if (wished !== undefined) return [this.get(wished)];
    const route = this.routing.routes.find((rule) => rule.currency === currency || rule.currency === '*');
    const names = route?.providers ?? [DEFAULT_PROVIDER, ...this.providers.keys()];
    const configured = [...new Set(names)].flatMap((name) => this.providers.get(name) ?? []);
    if (configured.length > 0) {
      const healthy = configured.filter(({ name }) => this.health.isHealthy(name));
      return [...healthy, ...configured.filter(({ name }) => !this.health.isHealthy(name))];
    }
    throw new ServiceError('currency_not_supported', `no configured provider takes ${currency}`, [
      { field: 'currency', rule: 'must be a currency that PROVIDER_ROUTES gives to a configured provider' },
    ]);
  }
}

/**
 * The result of the first candidate that can do it.
 * @param none the refusal where there is no candidate.
 * @throws ServiceError when none can: the first one's reason.
 */
export async function firstAble<P, T>(
  candidates: readonly P[],
  attempt: (candidate: P) => T | Promise<T>,
  none: () => ServiceError = () => new ServiceError('capability_not_supported', 'no provider can do this'),
): Promise<T> {
  let refusal: ServiceError | undefined;
  for (const candidate of candidates) {
    try {
      return await attempt(candidate);
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      refusal ??= error;
    }
  }
  throw refusal ?? none();
}

function lacking(part: Part, names: readonly string[]): ServiceError {
  const who = names.join(' and ');
  if (part === 'endpoints') {
    const rule = 'must be one whose webhook endpoints can be managed through its API';
    const message = `webhook endpoints of "${who}" are managed in its own panel`;
    return new ServiceError('capability_not_supported', message, [{ field: 'provider', rule }]);
  }
  const rules = {
    customers: 'must be a provider that keeps customers',
    cardSetups: 'must be a provider that saves cards',
    plans: `must keep plans, which ${who} does not`,
    subscriptions: `must have subscriptions, which ${who} does not`,
    charges: `${who} does not charge without a checkout page`,
    embeddedCheckout: `${who} has no embeddedCheckout`,
    ownsEvent: `${who} has no ownsEvent`,
    complete: `${who} has no complete`,
  };
  return unsupported('provider', rules[part]);
}
