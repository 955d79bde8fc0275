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
