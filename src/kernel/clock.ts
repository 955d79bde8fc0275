/** The service's wall clock. Leases and due times use the database's clock instead. */
export abstract class Clock {
  abstract now(): Date;
  abstract sleep(milliseconds: number): Promise<void>;
}

export class SystemClock extends Clock {
  now(): Date {
    return new Date();
  }

  sleep(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      setTimeout(resolve, milliseconds);
    });
  }
}

/** What `work` gives, unless it takes longer. @throws Error with the message, or what `work` throws. */
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
