import { ConektaError, invalid, type ErrorDetail, type Words } from '../conekta.errors.js';
import type { Metadata } from '../conekta.types.js';

/** Reads one parameter or throws 422 for it; `param` is its full path, `line_items.0.name`. */
export type Rule<T> = (value: unknown, param: string) => T;

type Fields = Record<string, Rule<unknown>>;
type Read<F extends Fields> = { [K in keyof F]: ReturnType<F[K]> };
export type Shaped<F extends Fields, R extends keyof F> = Partial<Read<F>> & Pick<Read<F>, R>;

/** What a rule gives. */
export type ParamsOf<T> = T extends Rule<infer P> ? P : never;

const METADATA_MAX = 249;
const INT32_MAX = 2_147_483_647;

export function text(limits: { min?: number; max?: number } = {}): Rule<string> {
  const { min = 1, max = 5_000 } = limits;
  return (value, param) => {
    if (typeof value !== 'string')
      throw invalid(param, 'not_text', { es: 'Debe ser texto.', en: 'It must be text.' });
    if (value.length < min) throw outOfBounds(param, 'too_short', 'al menos', 'at least', min);
    if (value.length > max) throw outOfBounds(param, 'too_long', 'como máximo', 'at most', max);
    return value;
  };
}

export const email: Rule<string> = (value, param) => {
  const address = text({ max: 249 })(value, param);
  if (/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(address)) return address;
  throw invalid(param, 'not_email', { es: 'No es un correo.', en: 'It is not an e-mail address.' });
};

export const webUrl: Rule<string> = (value, param) => {
  const address = text({ max: 2_000 })(value, param);
  if (URL.canParse(address) && /^https?:$/.test(new URL(address).protocol)) return address;
  throw invalid(param, 'not_url', { es: 'No es una URL.', en: 'It is not a URL.' });
};

export function integer(limits: { min?: number; max?: number } = {}): Rule<number> {
  const { min = Number.MIN_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER } = limits;
  return (value, param) => {
    if (typeof value !== 'number' || !Number.isSafeInteger(value)) {
      throw invalid(param, 'not_integer', { es: 'Debe ser un entero.', en: 'It must be an integer.' });
    }
    if (value < min) throw invalid(param, 'too_small', { es: `Mínimo: ${min}.`, en: `At least ${min}.` });
    if (value > max) throw invalid(param, 'too_large', { es: `Máximo: ${max}.`, en: `At most ${max}.` });
    return value;
  };
}

export const int32 = (min: number): Rule<number> => integer({ min, max: INT32_MAX });

export const flag: Rule<boolean> = (value, param) => {
  if (typeof value === 'boolean') return value;
  throw invalid(param, 'not_boolean', { es: 'Debe ser true o false.', en: 'It must be true or false.' });
};

export function oneOf<const V extends string | number>(...values: V[]): Rule<V> {
  return (value, param) => {
    const found = values.find((candidate) => candidate === value);
    if (found !== undefined) return found;
    const names = values.join(', ');
    throw invalid(param, 'unknown_value', {
      es: `Debe ser uno de: ${names}.`,
      en: `It must be one of: ${names}.`,
    });
  };
}

export function list<T>(item: Rule<T>, limits: { min?: number; max?: number } = {}): Rule<T[]> {
  const { min = 0, max = 10_000 } = limits;
  return (value, param) => {
    if (!Array.isArray(value))
      throw invalid(param, 'not_list', { es: 'Debe ser una lista.', en: 'It must be a list.' });
    if (value.length < min || value.length > max) {
      throw invalid(param, 'wrong_length', {
        es: `Debe tener de ${min} a ${max} elementos.`,
        en: `It must have ${min} to ${max} items.`,
      });
    }
    return allOf(value.map((one: unknown, index) => () => item(one, inside(param, String(index)))));
  };
}

/** An object with these names and no others. All that is wrong with it is told at once. */
export function shape<F extends Fields, R extends keyof F & string = never>(
  fields: F,
  required: readonly R[] = [],
): Rule<Shaped<F, R>> {
  const rules = new Map(Object.entries(fields));
  const needed = new Set<string>(required);
  return (value, param) => {
    const given = anyObject(value, param);
    const unknown = Object.keys(given).filter((name) => !rules.has(name));
    const read: Record<string, unknown> = {};
    allOf([
      ...unknown.map((name) => () => refuseUnknown(inside(param, name))),
      ...[...rules].map(([name, rule]) => () => {
        const at = inside(param, name);
        if (given[name] !== undefined) read[name] = rule(given[name], at);
        else if (needed.has(name)) throw missing(at);
      }),
    ]);
    // The compiler cannot follow a loop over the fields: each was read by the rule of its own name.
    return read as Shaped<F, R>;
  };
}

export const anyObject: Rule<Record<string, unknown>> = (value, param) => {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  throw invalid(param, 'not_object', { es: 'Debe ser un objeto.', en: 'It must be an object.' });
};

/** Scalars by name; texts of at most 249 characters. */
export const metadata: Rule<Metadata> = (value, param) => {
  const entries = Object.entries(anyObject(value, param));
  return Object.fromEntries(
    allOf(
      entries.map(
        ([name, one]) =>
          () =>
            [name, scalar(one, inside(param, name))] as const,
      ),
    ),
  );
};

export function nullable<T>(rule: Rule<T>): Rule<T | null> {
  return (value, param) => (value === null ? null : rule(value, param));
}

/** Parameters that would change what is charged and that the sandbox does not play: refused, not ignored. */
export const unplayed: Rule<never> = (_value, param) => {
  throw invalid(param, 'not_played', {
    es: 'El sandbox no lo representa.',
    en: 'The sandbox does not play it.',
  });
};

export function missing(param: string): ConektaError {
  return invalid(param, 'missing', { es: 'Falta.', en: 'It is missing.' });
}

function scalar(value: unknown, param: string): string | number | boolean {
  if (typeof value === 'number' || typeof value === 'boolean') return value;
  return text({ min: 0, max: METADATA_MAX })(value, param);
}

/** Runs every reader and throws all of their complaints together. */
function allOf<T>(readers: (() => T)[]): T[] {
  const problems: ErrorDetail[] = [];
  const results: T[] = [];
  for (const read of readers) {
    try {
      results.push(read());
    } catch (cause) {
      if (!(cause instanceof ConektaError)) throw cause;
      problems.push(...cause.details);
    }
  }
  if (problems.length > 0) throw new ConektaError(422, 'parameter_validation_error', problems);
  return results;
}

function refuseUnknown(param: string): never {
  throw invalid(param, 'unknown_parameter', { es: 'No es un parámetro.', en: 'There is no such parameter.' });
}

function outOfBounds(param: string, rule: string, es: string, en: string, count: number): ConektaError {
  const words: Words = {
    es: `Debe tener ${es} ${count} caracteres.`,
    en: `It must have ${en} ${count} characters.`,
  };
  return invalid(param, rule, words);
}

function inside(param: string, name: string): string {
  return param === '' ? name : `${param}.${name}`;
}
