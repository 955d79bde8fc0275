import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 25;

/**
 * Runs the check until it does not throw any more, and resolves with what it returned.
 * @throws what the check threw last, when it still throws after `withinMs`
 */
export async function eventually<T>(check: () => T | Promise<T>, withinMs = 20_000): Promise<T> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
    await delay(POLL_MS);
  }
}
