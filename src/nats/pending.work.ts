/** Counts what is under way, so that a shutdown can wait for it. */
export class PendingWork {
  private count = 0;
  private waiting: (() => void)[] = [];

  /** @returns call it when this piece of work is over; more than once does no harm */
  begin(): () => void {
    this.count += 1;
    let over = false;
    return () => {
      if (over) return;
      over = true;
      this.count -= 1;
      if (this.count === 0) for (const resume of this.waiting.splice(0)) resume();
    };
  }

  /** Resolves when nothing is under way, at the latest after `withinMs`. */
  async settled(withinMs: number): Promise<void> {
    if (this.count === 0) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, withinMs);
      this.waiting.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }
}
