import { Injectable } from '@nestjs/common';
import { ServiceError } from '../../kernel/errors.js';
import { can, type Outcome, type With } from '../../providers/provider.port.js';
import { ProviderError } from '../../providers/provider.errors.js';
import { ProviderRegistry } from '../../providers/provider.registry.js';

export type EndpointProvider = With<'endpoints'>;

/** The configured providers whose webhook endpoints can be managed through their API. */
@Injectable()
export class EndpointProviders {
  constructor(private readonly registry: ProviderRegistry) {}

  get all(): readonly EndpointProvider[] {
    return this.registry.all.filter((provider) => can(provider, 'endpoints'));
  }

  /** @throws ServiceError capability_not_supported */
  get(name: string): EndpointProvider {
    return this.registry.with(name, 'endpoints');
  }
}

/** The value of a call, if it is known. @throws ServiceError unknown_outcome, saying what the operator can do. */
export function settled<T>(outcome: Outcome<T>, provider: string, advice: string): T {
  if (outcome.known) return outcome.value;
  throw new ServiceError(
    'unknown_outcome',
    `${provider} was asked and did not answer, so it may have acted; ${advice}`,
    { provider },
    { cause: outcome.error },
  );
}

/** Ends something at the provider that may have ended already. @throws as `settled`, and ProviderError. */
export async function endedAtProvider(
  end: Promise<Outcome<void>>,
  provider: string,
  advice: string,
): Promise<void> {
  try {
    settled(await end, provider, advice);
  } catch (error) {
    if (!(error instanceof ProviderError && error.kind === 'not_found')) throw error;
  }
}
