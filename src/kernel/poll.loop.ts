import { AsyncLocalStorage } from 'node:async_hooks';

const working = new AsyncLocalStorage<true>();

/** Runs `work`, and all that it starts, on the database connections that no caller's request can take. */
export function asWorker<T>(work: () => T): T {
  return working.run(true, work);
}

export function isWorker(): boolean {
  return working.getStore() === true;
}

/** Repeats work as a worker: at once while there is some, else when woken or after `idleMs`. No failure ends it. */
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
      return (await asWorker(this.work)) > 0 ? 0 : this.options.idleMs;
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
