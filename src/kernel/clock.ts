import { setTimeout as delay } from 'node:timers/promises';

/** The service's wall clock. Leases and due times use the database's clock instead. */
export class Clock {
  now(): Date {
    return new Date();
  }

  async sleep(milliseconds: number): Promise<void> {
    await delay(milliseconds);
  }
}

/** @throws Error with the message when `work` takes longer. */
export async function within<T>(
  milliseconds: number,
  work: Promise<T>,
  message = `no answer within ${milliseconds} ms`,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(message)), milliseconds);
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
  }
}
