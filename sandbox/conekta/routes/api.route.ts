import type { Language } from '../conekta.errors.js';
import type { ConektaWorld } from '../conekta.world.js';
import type { Rule } from '../params/rules.js';

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

/** One request, before anything in it was read. */
export interface ApiCall {
  /** `:id` of the path, or empty. */
  id: string;
  /** The id of something inside that, or empty. */
  inner: string;
  /** The JSON body; an empty object when there was none. */
  body: Record<string, unknown>;
  query: URLSearchParams;
  language: Language;
}

export interface ApiRoute {
  method: Method;
  path: string;
  act: (world: ConektaWorld, call: ApiCall) => object;
}

/** An operation that takes a body: it is read whole before anything happens. */
export function withBody<P>(
  method: Method,
  path: string,
  params: Rule<P>,
  run: (world: ConektaWorld, call: ApiCall & { params: P }) => object,
): ApiRoute {
  return { method, path, act: (world, call) => run(world, { ...call, params: params(call.body, '') }) };
}

/** An operation that takes nothing but its address. */
export function bare(
  method: Method,
  path: string,
  run: (world: ConektaWorld, call: ApiCall) => object,
): ApiRoute {
  return { method, path, act: run };
}
