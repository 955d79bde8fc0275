import { AsyncLocalStorage } from 'node:async_hooks';

/** How long one request waits for the database, all its statements together (milliseconds). */
export const REQUEST_PATIENCE_MS = 8_000;

/** Shorter waits are the database at work: a request that polls for another's answer makes hundreds of them. */
const UNNOTICED_MS = 2_000;

/** What is left of a request's time for the database. Waiting for a provider does not count: its answer is saved. */
export class Patience {
  private spentMs = 0;
  private ended = false;

  constructor(private readonly totalMs: number = REQUEST_PATIENCE_MS) {}

  /** Milliseconds; unlimited once the request was answered, for what goes on after it. */
  left(): number {
    return this.ended ? Infinity : this.totalMs - this.spentMs;
  }

  /** Call when the wait begins. @returns call it when the wait is over. */
  begin(): () => void {
    const since = performance.now();
    return () => {
      const waited = performance.now() - since;
      if (waited > UNNOTICED_MS) this.spentMs += waited;
    };
  }

  end(): void {
    this.ended = true;
  }
}

const storage = new AsyncLocalStorage<Patience | undefined>();

/** Runs `work`, and all that it starts, with this patience. */
export function withPatience<T>(patience: Patience | undefined, work: () => T): T {
  return storage.run(patience, work);
}

/** Undefined outside of a request. */
export function currentPatience(): Patience | undefined {
  return storage.getStore();
}
