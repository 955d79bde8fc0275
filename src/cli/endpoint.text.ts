import type { EndpointAnswer, RotatedEndpointAnswer } from '../webhooks/endpoint/endpoint.dto.js';

/** One line for each endpoint. */
export function listText(endpoints: readonly EndpointAnswer[]): string {
  if (endpoints.length === 0) return 'No webhook endpoint is registered.';
  const rows = endpoints.map((one) => [stateOf(one), one.provider, one.id, one.url, contentOf(one)]);
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return rows
    .map((row) => plain(row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')).trimEnd())
    .join('\n');
}

export function registeredText(endpoint: EndpointAnswer, created: boolean): string {
  const said = created ? 'Registered' : 'Registered already:';
  return plain(`${said} ${endpoint.provider} ${endpoint.id}, ${contentOf(endpoint)}, at ${endpoint.url}`);
}

export function rotatedText(endpoint: RotatedEndpointAnswer): string {
  const rotated = `Rotated ${endpoint.provider} ${endpoint.id}: the new key is accepted from now on.`;
  if (endpoint.previousKeyEnded)
    return `${rotated} What was signed with the old one is accepted for 24 hours more.`;
  // Of an endpoint that was taken over only the new key is ours, and no rotation of ours ends another.
  return endpoint.keys.length < 2
    ? `${rotated} What was used before is not ours and still at the provider: remove it there.`
    : `${rotated} The provider still has the old one, which stays accepted too: rotate again to end it.`;
}

function stateOf({ state, active }: EndpointAnswer): string {
  return state === 'registered' && !active ? 'inactive' : state;
}

function contentOf({ events, keys }: EndpointAnswer): string {
  const subscribed = events.length === 0 ? 'all events' : counted(events.length, 'event');
  return `${subscribed}, ${counted(keys.length, 'key')}`;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** What a provider keeps was written by anybody: nothing in it moves the cursor. */
export function plain(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]/gu, '');
}
