/**
 * Whether what a provider said is certainly newer than what is kept. Two readers may overtake each other: a reading
 * that began before the kept one was confirmed may be the older one. Both by the database's clock.
 */
export function isNewer(readFrom: Date, confirmedAt: Date | null): boolean {
  return confirmedAt === null || readFrom > confirmedAt;
}
