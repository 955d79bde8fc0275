import { createHash } from 'node:crypto';
import { isJson, jsonOf } from './json.read.js';

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
