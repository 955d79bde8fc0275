import type { FastifyRequest } from 'fastify';
import type { ApiKey } from '../../config/settings.js';

export type Role = ApiKey['role'];

/** Who asks. */
export interface Caller {
  /** The key's name in API_KEYS, or `open`, `public`, `nats`. */
  readonly name: string;
  /** Owns what it makes: the key's group in API_KEYS, or the name. */
  readonly group: string;
  readonly roles: readonly Role[];
  /** True for a browser: no key was shown, on a route that asks for none. */
  readonly public: boolean;
}

/** Everybody, while no key is configured. */
export const OPEN_CALLER: Caller = {
  name: 'open',
  group: 'open',
  roles: ['service', 'operator', 'viewer'],
  public: false,
};

export const PUBLIC_CALLER: Caller = { name: 'public', group: 'public', roles: [], public: true };

/** Whoever reaches us over NATS: the broker's permissions have decided already. */
export const NATS_CALLER: Caller = {
  name: 'nats',
  group: 'nats',
  roles: ['service', 'operator'],
  public: false,
};

const callers = new WeakMap<FastifyRequest, Caller>();

/** Kept by the access guard, before any handler runs. */
export function rememberCaller(request: FastifyRequest, caller: Caller): void {
  callers.set(request, caller);
}

/** @throws Error when the access guard did not run, which would be a bug. */
export function callerOf(request: FastifyRequest): Caller {
  const caller = callers.get(request);
  if (caller === undefined) throw new Error('the access guard has not seen this request');
  return caller;
}
