import { badParameter } from '../stripe.errors.js';
import type { FormMap, FormValue } from '../stripe.form.js';

/** Reads one parameter or throws Stripe's error for it; `param` is its full name, `a[b][0]`. */
export type Rule<T> = (value: FormValue, param: string) => T;

type Fields = Record<string, Rule<unknown>>;
type Read<F extends Fields> = { [K in keyof F]: ReturnType<F[K]> };
export type Shaped<F extends Fields, R extends keyof F> = Partial<Read<F>> & Pick<Read<F>, R>;

/** What a rule gives. */
export type ParamsOf<T> = T extends Rule<infer P> ? P : never;

export function text(limits: { max?: number; emptyable?: boolean } = {}): Rule<string> {
  const max = limits.max ?? 5000;
  return (value, param) => {
    if (value instanceof Map) throw badParameter('Invalid string: {...}', param);
    if (value === '' && !limits.emptyable) {
      const message = `You passed an empty string for '${param}'. We assume empty values are an attempt to unset a parameter; however '${param}' cannot be unset. You should remove '${param}' from your request or supply a non-empty value.`;
      throw badParameter(message, param, 'parameter_invalid_empty');
    }
    if (value.length > max) {
      const start = value.slice(0, 10);
      throw badParameter(`Invalid string: ${start}…; must be at most ${max} characters`, param);
    }
    return value;
  };
}

export function integer(limits: { min?: number; max?: number } = {}): Rule<number> {
  return (value, param) => {
    if (value instanceof Map || !/^-?\d{1,15}$/.test(value)) {
      const shown = value instanceof Map ? '{...}' : value.slice(0, 40);
      throw badParameter(`Invalid integer: ${shown}`, param, 'parameter_invalid_integer');
    }
    const number = Number(value);
    if (limits.min !== undefined && number < limits.min) {
      const message = `This value must be greater than or equal to ${limits.min}.`;
      throw badParameter(message, param, 'parameter_invalid_integer');
    }
    if (limits.max !== undefined && number > limits.max) {
      const message = `This value must be less than or equal to ${limits.max}.`;
      throw badParameter(message, param, 'parameter_invalid_integer');
    }
    return number;
  };
}

export const flag: Rule<boolean> = (value, param) => {
  if (value === 'true') return true;
  if (value === 'false') return false;
  throw badParameter(`Invalid boolean: ${value instanceof Map ? '{...}' : value}`, param);
};

export function oneOf<const V extends string>(...values: V[]): Rule<V> {
  return (value, param) => {
    const found = values.find((candidate) => candidate === value);
    if (found !== undefined) return found;
    throw badParameter(`Invalid ${param}: must be one of ${sentence(values)}`, param);
  };
}

export function list<T>(item: Rule<T>, limits: { max?: number } = {}): Rule<T[]> {
  return (value, param) => {
    if (!(value instanceof Map)) throw badParameter('Invalid array', param);
    if (limits.max !== undefined && value.size > limits.max) {
      throw badParameter(`Array ${param} exceeded maximum ${limits.max} allowed elements.`, param);
    }
    return [...value].map(([key, one]) => {
      if (!/^\d+$/.test(key)) throw badParameter('Invalid array', param);
      return item(one, `${param}[${key}]`);
    });
  };
}

/** An object with these names and no others. */
export function shape<F extends Fields, R extends keyof F & string = never>(
  fields: F,
  required: readonly R[] = [],
): Rule<Shaped<F, R>> {
  const rules = new Map(Object.entries(fields));
  return (value, param) => {
    if (!(value instanceof Map)) throw badParameter('Invalid object', param);
    const read = readFields(value, rules, param);
    for (const name of required) {
      if (name in read) continue;
      const missing = inside(param, name);
      throw badParameter(`Missing required param: ${missing}.`, missing, 'parameter_missing');
    }
    // The compiler cannot follow a loop over the fields: each was read by the rule of its own name.
    return read as Shaped<F, R>;
  };
}

/** Parameters that Stripe takes and the sandbox does nothing with: only their names are checked. */
export function ignored(...names: string[]): Rule<null> {
  return (value, param) => {
    if (value instanceof Map && names.length > 0) refuseUnknown(value, new Set(names), param);
    return null;
  };
}

/** Parameters that would change what is charged and that the sandbox does not play: refused, not ignored. */
export const unplayed: Rule<never> = (_value, param) => {
  throw badParameter(`The sandbox does not play ${param}.`, param);
};

function readFields(
  value: FormMap,
  rules: Map<string, Rule<unknown>>,
  param: string,
): Record<string, unknown> {
  refuseUnknown(value, rules, param);
  const read: Record<string, unknown> = {};
  for (const [name, one] of value) {
    const rule = rules.get(name);
    if (rule) read[name] = rule(one, inside(param, name));
  }
  return read;
}

function refuseUnknown(value: FormMap, known: { has: (name: string) => boolean }, param: string): void {
  const unknown = [...value.keys()].filter((name) => !known.has(name)).map((name) => inside(param, name));
  const first = unknown[0];
  if (first === undefined) return;
  const noun = unknown.length === 1 ? 'parameter' : 'parameters';
  throw badParameter(`Received unknown ${noun}: ${unknown.join(', ')}`, first, 'parameter_unknown');
}

function inside(param: string, name: string): string {
  return param === '' ? name : `${param}[${name}]`;
}

function sentence(values: readonly string[]): string {
  return values.length < 2 ? values.join('') : `${values.slice(0, -1).join(', ')}, or ${values.at(-1)}`;
}
