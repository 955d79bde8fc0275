/**
 * The sandbox's time. It runs with the wall clock and can be moved forward, so that
 * a voucher of three days expires in a test of three milliseconds.
 */
export class SandboxClock {
  private offsetMs = 0;
  private standingMs: number | null = null;

  constructor(private readonly base: () => number = Date.now) {}

  /** Milliseconds since the epoch, with every `advance` added. */
  now(): number {
    return this.standingMs ?? this.base() + this.offsetMs;
  }

  /** Whole seconds since the epoch, the unit of every provider timestamp. */
  seconds(): number {
    return Math.floor(this.now() / 1000);
  }

  /** Seconds that were not moved: receivers check a signature's age against their own clock. */
  wallSeconds(): number {
    return Math.floor(this.base() / 1000);
  }

  advance(seconds: number): void {
    this.offsetMs += seconds * 1000;
  }

  /**
   * Plays what was due at an earlier moment as of then, so that it is dated then. It must not wait for anything.
   * @param seconds since the epoch
   */
  at<T>(seconds: number, play: () => T): T {
    const before = this.standingMs;
    this.standingMs = seconds * 1000;
    try {
      return play();
    } finally {
      this.standingMs = before;
    }
  }
}
