/**
 * Reading what a provider sent without trusting its shape. Webhook bodies come in the API version of the
 * endpoint, which may be years older than any types that we have, so nothing here relies on those.
 */
export type Json = Readonly<Record<string, unknown>>;

export function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value when it is an object, otherwise an empty one: missing and null nesting read alike. */
export function jsonOf(value: unknown): Json {
  return isJson(value) ? value : {};
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Undefined for anything but a string with something in it. */
export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

export function integerOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : undefined;
}

/** Both providers' times are seconds since 1970. */
export function timeOf(value: unknown): Date | undefined {
  const seconds = integerOf(value);
  return seconds === undefined ? undefined : new Date(seconds * 1000);
}

/** The id of a field that holds either the id or, expanded, the object. */
export function idOf(value: unknown): string | undefined {
  return textOf(isJson(value) ? value.id : value);
}

/**
 * An object's metadata as text. A provider may keep whole numbers and truth values as such, and an order's id may be
 * one; a number that was too large for JSON is no id any more. `__proto__` is dropped, so that no later copy can be
 * misled by it.
 */
export function metadataOf(value: unknown): Readonly<Record<string, string>> {
  const entries = Object.entries(jsonOf(value)).flatMap(([key, kept]): [string, string][] =>
    isKept(kept) && key !== '__proto__' ? [[key, String(kept)]] : [],
  );
  return Object.fromEntries(entries);
}

function isKept(value: unknown): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'boolean' || integerOf(value) !== undefined;
}
