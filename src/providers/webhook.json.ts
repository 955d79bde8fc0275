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
