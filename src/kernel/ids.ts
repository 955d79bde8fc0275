import { v7 } from 'uuid';
import type { Clock } from './clock.js';

/** Makes identifiers. UUID v7, so that rows sort by the time they were made. */
export abstract class Ids {
  abstract next(): string;
}

export class UuidV7Ids extends Ids {
  constructor(private readonly clock: Clock) {
    super();
  }

  next(): string {
    return v7({ msecs: this.clock.now().getTime() });
  }
}
