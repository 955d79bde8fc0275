/** What came of one fact. */
export type Applied =
  | { kind: 'applied'; id: string }
  /** Known already, or overtaken. */
  | { kind: 'stale'; reason: string }
  /** It belongs to something that is not here yet: try again later. */
  | { kind: 'parked'; reason: string }
  /** Nothing of ours. */
  | { kind: 'ignored'; reason: string }
  /** It contradicts what we know: for the operator. */
  | { kind: 'conflict'; reason: string };
