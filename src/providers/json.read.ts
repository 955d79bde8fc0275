import { createHash } from 'node:crypto';

/** What a provider sent, untrusted: a webhook's API version may be years older than any types that we have. */
export type Json = Readonly<Record<string, unknown>>;

export function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** An empty object for anything else: missing and null nesting read alike. */
export function jsonOf(value: unknown): Json {
  return isJson(value) ? value : {};
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Undefined for anything but a string that is not empty. */
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
 * Metadata as text. An order's id may be a whole number, but not one too large for JSON. `__proto__` is dropped, so
 * that no copy is misled by it.
 */
export function metadataOf(value: unknown): Readonly<Record<string, string>> {
  const kept = Object.entries(jsonOf(value)).filter(
    ([key, one]) =>
      key !== '__proto__' &&
      (typeof one === 'string' || typeof one === 'boolean' || integerOf(one) !== undefined),
  );
  return Object.fromEntries(kept.map(([key, one]) => [key, String(one)]));
}

/** Objects and arrays within each other; a real event has fewer than ten levels. */
const MAX_DEPTH = 64;

/** Undefined for a byte order mark and anything but exact UTF-8: different bytes must not look alike. */
export function decodeBody(body: Uint8Array): string | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body);
    return text.startsWith('\uFEFF') ? undefined : text;
  } catch {
    return undefined;
  }
}

/** Undefined for what is no JSON, and for nesting too deep to recurse into. */
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
 * Equal for two bodies that say the same, however they are written.
 * @param leftOut names at the top that belong to the delivery.
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

/** Seconds since 1970 from which on to list what was made since then. */
export function secondsBefore(since: Date, slack = CLOCK_SLACK_SECONDS): number {
  return Math.floor(since.getTime() / 1000) - slack;
}

/**
 * The rows of a list, page by page.
 * @param read a page; undefined: the first one.
 * @param next what names the page after this one.
 * @param unusable makes the error for a list that could not be read to its end, which proves no absence.
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
