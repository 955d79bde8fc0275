/**
 * Runs one unit of work again and again: at once while there is work, otherwise when woken or when
 * `idleMs` have passed. A failure is reported and waited out; it never ends the loop.
 */
export class PollLoop {
  private running: Promise<void> | undefined;
  private stopping = false;
  private woken = false;
  private release: (() => void) | undefined;

  constructor(
    private readonly work: () => Promise<number>,
    private readonly options: { idleMs: number; failureMs: number; onError: (error: unknown) => void },
  ) {}

  start(): void {
    this.running ??= this.run();
  }

  wake(): void {
    this.woken = true;
    this.release?.();
  }

  /** Lets the unit of work under way finish, then ends. */
  async stop(): Promise<void> {
    this.stopping = true;
    this.release?.();
    await this.running;
  }

  private async run(): Promise<void> {
    while (!this.stopping) {
      this.woken = false;
      const pauseMs = await this.once();
      if (pauseMs > 0 && !this.woken && !this.stopping) await this.pause(pauseMs);
    }
  }

  private async once(): Promise<number> {
    try {
      return (await this.work()) > 0 ? 0 : this.options.idleMs;
    } catch (error) {
      this.options.onError(error);
      return this.options.failureMs;
    }
  }

  private pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.release = undefined;
        resolve();
      };
      const timer = setTimeout(done, ms);
      this.release = done;
    });
  }
}
