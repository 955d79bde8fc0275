/** One line per attempt, so that a checker can compare what was sent with what was taken. */
export interface DeliveryRecord {
  messageId: string;
  type: string;
  url: string;
  /** 1 for the first try. */
  attempt: number;
  /** 1 for the original, 2 and more for copies made by the duplicate switch. */
  copy: number;
  outcome: 'delivered' | 'retrying' | 'failed' | 'dropped';
  /** The receiver's status, or null when no answer came. */
  status: number | null;
  error: string | null;
  at: number;
}

interface Tally {
  pending: number;
  delivered: number;
  lost: number;
}

/** Remembers every attempt, and per message whether all of its receivers have it. */
export class DeliveryLog {
  readonly records: DeliveryRecord[] = [];
  private readonly tallies = new Map<string, Tally>();

  expect(messageId: string): void {
    this.tally(messageId).pending += 1;
  }

  add(record: DeliveryRecord): void {
    this.records.push(record);
    if (record.outcome === 'retrying') return;
    const tally = this.tally(record.messageId);
    tally.pending -= 1;
    if (record.outcome === 'delivered') tally.delivered += 1;
    else tally.lost += 1;
  }

  /** How many receivers have not taken the message yet, lost deliveries included. */
  outstanding(messageId: string): number {
    const tally = this.tally(messageId);
    return tally.pending + (tally.delivered > 0 ? 0 : tally.lost);
  }

  private tally(messageId: string): Tally {
    const known = this.tallies.get(messageId);
    if (known) return known;
    const fresh = { pending: 0, delivered: 0, lost: 0 };
    this.tallies.set(messageId, fresh);
    return fresh;
  }
}
