import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { ApiKey } from '../../config/settings.js';

export type Role = ApiKey['role'];

export interface Caller {
  /** The key's in API_KEYS, or `open`, `public`, `nats`. */
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

/** The broker's permissions have decided already. */
export const NATS_CALLER: Caller = {
  ...OPEN_CALLER,
  name: 'nats',
  group: 'nats',
  roles: ['service', 'operator'],
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

export const CurrentCaller = createParamDecorator((_data: unknown, context: ExecutionContext): Caller => {
  if (context.getType() === 'rpc') return NATS_CALLER;
  return callerOf(context.switchToHttp().getRequest<FastifyRequest>());
});

/** A row by the group of the caller that made it; rows of the time before groups hold the key's name. */
interface OwnedRow {
  caller: string;
  /** True: made by the service that this one replaced, for nobody's key. */
  adopted?: boolean;
}

/** What browsers made with an order's id alone, and what was made while no key was configured, is nobody's. */
const NOBODY: readonly string[] = [PUBLIC_CALLER.group, OPEN_CALLER.group];

/** A row's group; undefined: nobody's. */
export function ownerOf({ caller, adopted = false }: OwnedRow): string | undefined {
  return adopted || NOBODY.includes(caller) ? undefined : caller;
}

/** Operator keys, callers over NATS, and everybody while no key is configured. */
export function actsOnEverything(caller: Caller): boolean {
  return caller.roles.includes('operator');
}

/** The groups whose rows a caller sees; undefined: all. A service sees its own and nobody's. */
export function visibleTo(caller: Caller): string[] | undefined {
  return actsOnEverything(caller) ? undefined : [caller.group, ...NOBODY];
}

export function maySee(caller: Caller, row: OwnedRow): boolean {
  const owner = ownerOf(row);
  return actsOnEverything(caller) || owner === undefined || owner === caller.group;
}
