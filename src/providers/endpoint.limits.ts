import { ServiceError } from '../kernel/errors.js';
import type { RemoteEndpoint } from './webhook.endpoints.js';

export interface EndpointRules {
  livemode: boolean;
  /** The provider itself delivers, from outside; a stand-in reaches this machine too. */
  publicOnly: boolean;
}

/** How many webhook endpoints a provider takes of each mode. */
export interface EndpointLimit {
  provider: string;
  /** The provider's name as a person writes it. */
  title: string;
  most: number;
}

/** @throws ServiceError endpoint_limit_reached when one more does not fit: a key sees its own mode only. */
export function assertRoom(
  existing: readonly RemoteEndpoint[],
  { livemode }: EndpointRules,
  { provider, title, most }: EndpointLimit,
): void {
  if (existing.filter((endpoint) => endpoint.livemode === livemode).length < most) return;
  throw new ServiceError(
    'endpoint_limit_reached',
    `${title} takes at most ${most} webhook endpoints in ${livemode ? 'live' : 'test'} mode`,
    { provider, limit: most },
  );
}
