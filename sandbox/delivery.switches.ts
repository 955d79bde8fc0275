/** Which deliveries are lost: every one, only some types, only the next few. */
export interface DropRule {
  all?: boolean;
  types?: string[];
  /** How many more to lose; absent means until the rule is changed. */
  next?: number;
}

/** What a network does to webhooks. Every switch may be changed while messages are queued. */
export interface DeliverySwitches {
  /** How many times each message is sent; 1 is once. */
  duplicate: number;
  /** Wait before the first attempt, in milliseconds. */
  delayMs: number;
  /** Shuffle what is waiting, by this seed. */
  reorder: { seed: number } | null;
  drop: DropRule | null;
  /** Nothing leaves while true; the queue keeps growing. */
  paused: boolean;
  /** How many requests may be open at once; 1 keeps the order of the queue. */
  concurrency: number;
}

export const DEFAULT_SWITCHES: DeliverySwitches = {
  duplicate: 1,
  delayMs: 0,
  reorder: null,
  drop: null,
  paused: false,
  concurrency: 1,
};

/** Says whether this message is lost, and counts `next` down when it is. */
export function isDropped(switches: DeliverySwitches, type: string): boolean {
  const rule = switches.drop;
  if (rule === null) return false;
  if (rule.next !== undefined && rule.next <= 0) return false;
  const matches = rule.types === undefined || rule.types.includes(type);
  const active = rule.all === true || rule.types !== undefined || rule.next !== undefined;
  if (!matches || !active) return false;
  if (rule.next !== undefined) rule.next -= 1;
  return true;
}
