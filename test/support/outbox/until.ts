import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 20;

/** Resolves with the first value that is neither undefined nor false. @throws Error after `withinMs` */
export async function until<T>(
  read: () => T | undefined | false | Promise<T | undefined | false>,
  withinMs = 15_000,
): Promise<T> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const value = await read();
    if (value !== undefined && value !== false) return value;
    if (Date.now() > deadline) throw new Error(`not within ${withinMs} ms: ${read.toString()}`);
    await delay(POLL_MS);
  }
}
