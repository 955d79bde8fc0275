import type { Rule } from '../params/rules.js';
import type { FormMap } from '../stripe.form.js';
import { expanded } from '../stripe.expand.js';
import type { StripeWorld } from '../stripe.world.js';

export type Method = 'GET' | 'POST' | 'DELETE';

export interface Call<P> {
  /** The id in the path, or empty. */
  id: string;
  params: P;
}

export interface ApiRoute {
  method: Method;
  path: string;
  /** Checks the parameters, and gives what then acts and answers. Nothing has happened before. */
  prepare: (world: StripeWorld, id: string, form: FormMap) => () => object;
}

/** One operation of the API: its address, the parameters it takes, and what it does. */
export function route<P extends { expand?: string[] }>(
  method: Method,
  path: string,
  params: Rule<P>,
  run: (world: StripeWorld, call: Call<P>) => object,
): ApiRoute {
  return {
    method,
    path,
    prepare: (world, id, form) => {
      const read = params(form, '');
      return () => expanded(world, run(world, { id, params: read }), read.expand ?? []);
    },
  };
}
