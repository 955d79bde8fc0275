import { isDeepStrictEqual } from 'node:util';

/**
 * What came of one fact. `stale`: known or overtaken. `parked`: what it belongs to is not here yet, try again later;
 * `waitsFor` names it, as the decision that brings it says in `wakes`.
 * `ignored`: not ours. `quarantined`: perhaps ours, unproven: it moves nothing, and the operator is told. `conflict`: it
 * contradicts what we know: for the operator.
 */
export type Applied =
  | { kind: 'applied'; id: string }
  | { kind: 'parked'; reason: string; waitsFor?: string | undefined }
  | { kind: 'stale' | 'ignored' | 'quarantined' | 'conflict'; reason: string };

/** The reason to ignore what another installation on the same account made; counted on its own. */
export const OTHER_INSTALLATION = 'other_installation';

/** Where a change came from, for the audit log: `webhook:evt_…`, `api:shop`, `janitor`. */
export type Cause = string;

export const JANITOR: Cause = 'janitor';

/** A reading that began before the kept one was confirmed may be the older one. Both by the database's clock. */
export function isNewer(readFrom: Date, confirmedAt: Date | null): boolean {
  return confirmedAt === null || readFrom > confirmedAt;
}

/** The entries of `said` that differ from `kept`, by value. */
export function changedOnly<T extends object>(kept: T, said: Partial<T>): Partial<T> {
  const before = new Map<string, unknown>(Object.entries(kept));
  const changed: Partial<T> = { ...said };
  for (const name in changed) if (isDeepStrictEqual(before.get(name), changed[name])) delete changed[name];
  return changed;
}

/** What made something happen that can happen twice: a call of ours, else the provider's event, else a reading. */
export function originOf(cause: Cause, readFrom: Date, operationId?: string): string {
  if (operationId !== undefined) return operationId;
  return cause.startsWith('webhook:') ? cause.slice('webhook:'.length) : readFrom.toISOString();
}
