import { createHash } from 'node:crypto';

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

/** Objects and arrays within each other; a real event has fewer than ten levels. */
const MAX_DEPTH = 64;

/**
 * The text of a webhook's body. Undefined for bytes that are not exactly UTF-8, and for a byte order mark:
 * no provider signs either, and a lenient decoder would make different bytes look alike.
 */
export function decodeBody(body: Uint8Array): string | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body);
    return text.startsWith('\uFEFF') ? undefined : text;
  } catch {
    return undefined;
  }
}

/**
 * The parsed body. Undefined for what is no JSON, and for nesting that later code would recurse into too
 * deep.
 */
export function parseBody(text: string): unknown {
  if (isTooDeep(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isTooDeep(text: string): boolean {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (inString) {
      if (character === '\\') at += 1;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === '{' || character === '[') depth += 1;
    else if (character === '}' || character === ']') depth -= 1;
    if (depth > MAX_DEPTH) return true;
  }
  return false;
}

/**
 * A hash that is equal for two bodies that say the same, however they are written.
 * @param leftOut names at the top that belong to the delivery, and not to what is said.
 */
export function fingerprintOf(payload: unknown, leftOut: ReadonlySet<string>): string {
  const said = Object.entries(jsonOf(payload)).filter(([name]) => !leftOut.has(name));
  return createHash('sha256').update(objectText(said)).digest('hex');
}

/** JSON without spaces and with sorted names. */
function canonicalText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalText).join(',')}]`;
  return isJson(value) ? objectText(Object.entries(value)) : JSON.stringify(value);
}

function objectText(entries: readonly [string, unknown][]): string {
  const sorted = [...entries].sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${sorted.map(([name, value]) => `${JSON.stringify(name)}:${canonicalText(value)}`).join(',')}}`;
}

/** Ten thousand of anything, by the hundred. */
const MAX_PAGES = 100;

/** Providers' clocks may be behind ours. */
const CLOCK_SLACK_SECONDS = 600;

/** From when on a list is asked for what was made since then: seconds since 1970. */
export function secondsBefore(since: Date, slack = CLOCK_SLACK_SECONDS): number {
  return Math.floor(since.getTime() / 1000) - slack;
}

/**
 * The rows of a list, page by page.
 * @param read a page; undefined: the first one.
 * @param next what names the page after this one.
 * @param unusable makes the ProviderError that is thrown also when not all could be looked at: that would be no proof
 * that something is not there.
 */
export async function* pages<Cursor>(
  read: (cursor: Cursor | undefined) => Promise<Json>,
  next: (page: Json) => Cursor | undefined,
  unusable: (providerCode: string) => Error,
): AsyncGenerator<readonly unknown[]> {
  let cursor: Cursor | undefined;
  for (let count = 0; count < MAX_PAGES; count += 1) {
    const page = await read(cursor);
    const { data }: { data?: unknown } = page;
    if (!Array.isArray(data)) throw unusable('not_a_list');
    yield data;
    if (page.has_more !== true) return;
    cursor = next(page);
    if (cursor === undefined) throw unusable('no_next_page');
  }
  throw unusable('list_too_long');
}

export async function rowsOfAll(list: AsyncIterable<readonly unknown[]>): Promise<unknown[]> {
  const rows: unknown[] = [];
  for await (const page of list) rows.push(...page);
  return rows;
}
