import { setTimeout as delay } from 'node:timers/promises';

/** Something in the story is not as this project promises. The message says what was seen instead. */
export class DemoFailure extends Error {
  override readonly name = 'DemoFailure';
}

/** @throws DemoFailure */
export function expectThat(holds: boolean, otherwise: string): asserts holds {
  if (!holds) throw new DemoFailure(otherwise);
}

const POLL_MS = 20;
const WITHIN_MS = 30_000;

export interface Wait<T> {
  /** What is awaited, to end the sentence "waited 30 s for …". */
  readonly what: string;
  readonly read: () => Promise<T>;
  readonly holds: (value: T) => boolean;
  /** Default 30,000. */
  readonly withinMs?: number;
}

/**
 * Reads again and again until the value is as awaited. A reading that throws is tried again.
 * @throws DemoFailure when it takes longer, with what was read last
 */
export async function until<T>({ what, read, holds, withinMs = WITHIN_MS }: Wait<T>): Promise<T> {
  const deadline = Date.now() + withinMs;
  let last = 'nothing yet';
  while (Date.now() < deadline) {
    try {
      const value = await read();
      if (holds(value)) return value;
      last = JSON.stringify(value);
    } catch (error) {
      last = error instanceof Error ? error.message : String(error);
    }
    await delay(POLL_MS);
  }
  throw new DemoFailure(`waited ${withinMs / 1000} s for ${what}; the last answer was ${last}`);
}
