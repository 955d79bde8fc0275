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
