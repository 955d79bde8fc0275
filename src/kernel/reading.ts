import { isDeepStrictEqual } from 'node:util';

/**
 * Whether what a provider said is certainly newer than what is kept. Two readings may overtake each other: a reading
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
