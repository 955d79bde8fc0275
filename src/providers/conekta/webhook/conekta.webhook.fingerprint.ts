import { createHash } from 'node:crypto';
import { isJson, type Json } from '../../json.read.js';

/** They count Conekta's attempts, and so differ between two deliveries that say the same. */
const OF_THE_DELIVERY = new Set(['webhook_status', 'webhook_logs']);

/** Equal for all deliveries of one event; different as soon as anything else in it is. */
export function fingerprintOf(payload: Json): string {
  const said = Object.entries(payload).filter(([name]) => !OF_THE_DELIVERY.has(name));
  return createHash('sha256').update(objectText(said)).digest('hex');
}

/** JSON without spaces and with sorted names: the same for bodies that differ in writing only. */
function canonicalText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalText).join(',')}]`;
  return isJson(value) ? objectText(Object.entries(value)) : JSON.stringify(value);
}

function objectText(entries: readonly [string, unknown][]): string {
  const sorted = [...entries].sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${sorted.map(([name, value]) => `${JSON.stringify(name)}:${canonicalText(value)}`).join(',')}}`;
}
