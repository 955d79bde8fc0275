import { createHash } from 'node:crypto';

/** SHA-256 (hex) of what is asked, the same for the same JSON in whatever order its keys came. */
export function hashRequest(operation: string, request: unknown): string {
  return createHash('sha256')
    .update(`${operation}\n${canonicalJson(request)}`)
    .digest('hex');
}

/** JSON with every object's keys sorted; bigints as text. The request was parsed, so its depth is bounded. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) => {
    if (typeof item === 'bigint') return item.toString();
    if (typeof item !== 'object' || item === null || Array.isArray(item)) return item;
    return Object.fromEntries(Object.entries(item).sort(([left], [right]) => (left < right ? -1 : 1)));
  });
}
