import { isDeepStrictEqual } from 'node:util';

/** What came of one fact. */
export type Applied =
  | { kind: 'applied'; id: string }
  /** Known already, or overtaken. */
  | { kind: 'stale'; reason: string }
  /** It belongs to something that is not here yet: try again later. */
  | { kind: 'parked'; reason: string }
  /** Nothing of ours. */
  | { kind: 'ignored'; reason: string }
  /** It may be ours, and nothing here proves it: it moves nothing, and the operator is told. */
  | { kind: 'quarantined'; reason: string }
  /** It contradicts what we know: for the operator. */
  | { kind: 'conflict'; reason: string };

/** The reason of what is ignored because another installation on the same account made it; counted on its own. */
export const OTHER_INSTALLATION = 'other_installation';

/** Where a change came from, for the audit log: `webhook:evt_…`, `api:shop`, `janitor`. */
export type Cause = string;

export const JANITOR: Cause = 'janitor';

/**
 * Whether what a provider said is certainly newer than what is kept. Two readers may overtake each other: a reading
 * that began before the kept one was confirmed may be the older one. Both by the database's clock.
 */
export function isNewer(readFrom: Date, confirmedAt: Date | null): boolean {
  return confirmedAt === null || readFrom > confirmedAt;
}

/** Those entries of `said` that `kept` does not have. Dates, amounts and objects are compared by value. */
export function changedOnly<T extends object>(kept: T, said: Partial<T>): Partial<T> {
  const before = new Map<string, unknown>(Object.entries(kept));
  const changed: Partial<T> = { ...said };
  for (const name in changed) if (isDeepStrictEqual(before.get(name), changed[name])) delete changed[name];
  return changed;
}
