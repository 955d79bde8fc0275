import { describe, expect, it } from '@jest/globals';
import { Clock } from './clock.js';
import { Ids } from './ids.js';

class SetClock extends Clock {
  constructor(public at: number) {
    super();
  }

  override now(): Date {
    return new Date(this.at);
  }

  override sleep(): Promise<void> {
    return Promise.resolve();
  }
}

describe('an id', () => {
  it('is a UUID of version 7 that tells when it was made', () => {
    const at = Date.parse('2026-11-22T01:02:03.456Z');
    const id = new Ids(new SetClock(at)).next();
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16)).toBe(at);
  });

  it('sorts as text by the moment it was made at', () => {
    const clock = new SetClock(Date.parse('2026-01-01T00:00:00Z'));
    const ids = new Ids(clock);
    const made = Array.from({ length: 500 }, () => {
      clock.at += 1;
      return ids.next();
    });
    expect([...made].sort()).toEqual(made);
  });

  it('is never made twice, not even within one millisecond or by two processes', () => {
    const clock = new SetClock(Date.parse('2026-01-01T00:00:00Z'));
    const [one, other] = [new Ids(clock), new Ids(clock)];
    const made = Array.from({ length: 5_000 }, (_, at) => (at % 2 === 0 ? one : other).next());
    expect(new Set(made).size).toBe(made.length);
  });
});
