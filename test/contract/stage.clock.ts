import { Clock } from '../../src/kernel/clock.js';

/** Whose everything is that the stages' adapters make. */
export const STAGE_INSTALLATION = 'shop-contract';

/** The time of an adapter and of the provider before it: the same, and moved together. */
export class StageClock extends Clock {
  private movedMs = 0;

  /** @param at where it stands but for what it is moved; undefined: it goes with the world's */
  constructor(private readonly at: Date | undefined) {
    super();
  }

  /** Milliseconds, without what it was moved: a provider keeps to itself how far it was. */
  readonly unmoved = (): number => this.at?.getTime() ?? Date.now();

  override now(): Date {
    return new Date(this.unmoved() + this.movedMs);
  }

  /** When a delivery arrives: a signature is dated by the clock that nobody moves. */
  arrival(): Date {
    return new Date(this.unmoved());
  }

  override sleep(milliseconds: number): Promise<void> {
    this.movedMs += milliseconds;
    return Promise.resolve();
  }
}
