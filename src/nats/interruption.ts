import { setTimeout as delay } from 'node:timers/promises';

/** Settles as the work does, or fails at once when the connection that it waits for is interrupted. */
export function unlessInterrupted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onInterruption = (): void => reject(new Error('the connection to NATS was interrupted'));
    if (signal.aborted) onInterruption();
    signal.addEventListener('abort', onInterruption, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onInterruption));
  });
}

/** @throws Error with the message when the work takes longer */
export async function within<T>(milliseconds: number, work: Promise<T>, message: string): Promise<T> {
  const done = new AbortController();
  const late = delay(milliseconds, undefined, { signal: done.signal }).then(() => {
    throw new Error(message);
  });
  late.catch(() => undefined);
  try {
    return await Promise.race([work, late]);
  } finally {
    done.abort();
  }
}
