import { describe, expect, it } from '@jest/globals';
import type { OrderVerdict } from './order.verdict.js';
import { decideOnOrder, FIRST_LOOK_MS, type OrdersDecision } from './orders.decision.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

type Message = Parameters<typeof decideOnOrder>[0];

interface Course {
  /** When it went out, in minutes from the first time. */
  sends: number[];
  /** When its order was looked up. */
  looks: number[];
  end: OrdersDecision;
  /** When that was. */
  endedAt: number;
}

/** Plays a message's life: from its first send, by what the looks say, until it ends. */
function play(
  says: (atMs: number, sends: number) => OrderVerdict,
  { isLookupAnswered = true, inFlight = false } = {},
): Course {
  const sends = inFlight ? [] : [0];
  const looks: number[] = [];
  let [now, lastSent, checks, inDoubt] = [FIRST_LOOK_MS, 0, 0, inFlight];
  let missingSince: number | undefined;
  for (let turn = 0; turn < 5_000; turn += 1) {
    looks.push(now / MINUTE);
    const message: Message = {
      inFlight: inDoubt,
      sends: sends.length,
      checks,
      firstSentAgoMs: now,
      lastSentAgoMs: now - lastSent,
      missingForMs: missingSince === undefined ? null : now - missingSince,
    };
    const decision = decideOnOrder(message, says(now, sends.length), isLookupAnswered);
    if (decision.kind === 'resend') {
      sends.push(now / MINUTE);
      [lastSent, checks, inDoubt, now, missingSince] = [now, 0, false, now + FIRST_LOOK_MS, undefined];
    } else if (decision.kind === 'look') {
      if (decision.missing !== undefined) missingSince = decision.missing ? (missingSince ?? now) : undefined;
      checks = decision.checks;
      now += decision.afterMs;
    } else {
      return { sends, looks, end: decision, endedAt: now };
    }
  }
  throw new Error('it never ends');
}

const paid: OrderVerdict = { kind: 'paid' };
const unpaid: OrderVerdict = { kind: 'unpaid' };
const missing: OrderVerdict = { kind: 'unknown_order', reason: '404' };
const away: OrderVerdict = { kind: 'unanswered', why: 'away', reason: 'no responders' };
const silent: OrderVerdict = { kind: 'unanswered', why: 'silent', reason: 'timeout' };
const fault: OrderVerdict = { kind: 'unanswered', why: 'fault', reason: '500' };

describe('what becomes of a message that went out', () => {
  it('T16d sends to an order that stays unpaid ever less often, for seven days, and then never calls it dead', () => {
    const { sends, end, endedAt } = play(() => unpaid);
    const pauses = sends.slice(1).map((at, index) => at - (sends[index] ?? 0));
    expect(pauses.slice(0, 10)).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 360]);
    expect(new Set(pauses.slice(9))).toEqual(new Set([360]));
    expect(end).toMatchObject({ kind: 'unconfirmed', standing: false });
    expect(endedAt).toBeGreaterThanOrEqual(7 * DAY);
    expect(endedAt).toBeLessThan(7 * DAY + 6 * HOUR);
    expect(sends.length).toBeLessThan(45);
  });

  it('T16e asks one and ten minutes after each send, before it sends again', () => {
    const { sends, looks } = play((at) => (at > 60 * MINUTE ? paid : unpaid));
    expect(sends).toEqual([0, 1, 3, 7, 15, 31]);
    // After the send at 31: at 32, at 41, and when the next one is due.
    expect(looks.slice(-3)).toEqual([32, 41, 63]);
  });

  it('T16f believes that there is no such order when it is said twice, hours apart', () => {
    const { end, endedAt, sends } = play(() => missing);
    expect(end).toEqual({ kind: 'bury', reason: '404' });
    expect(endedAt).toBeGreaterThanOrEqual(2 * HOUR);
    expect(sends).toEqual([0]);
  });

  it('T16g forgets that an order was missing once it is found', () => {
    const answers = [missing, unpaid, missing];
    const { end, endedAt } = play(() => answers.shift() ?? paid);
    expect(end).toEqual({ kind: 'done' });
    expect(endedAt).toBeGreaterThan(5 * HOUR);
  });

  it('T16h does not believe it when it is said again after minutes, whatever came between', () => {
    let said = 0;
    const { end } = play((at) => (at < 2 * HOUR ? ((said += 1), said % 2 === 1 ? missing : fault) : paid));
    expect(end).toEqual({ kind: 'done' });
  });

  it('T15a waits days for an orders service that is away, and sends to it when it is back', () => {
    const { sends, end, endedAt } = play((at, count) => (at < 3 * DAY ? away : count === 1 ? unpaid : paid));
    expect(end).toEqual({ kind: 'done' });
    expect(sends).toHaveLength(2);
    expect(endedAt - 3 * DAY).toBeLessThan(15 * MINUTE);
  });

  it.each([
    ['is away', away],
    ['answers that its database is away', fault],
  ])('T15b gives an orders service that %s seven days, and is then unconfirmed', (_what, verdict) => {
    const { end, endedAt, looks } = play(() => verdict);
    expect(end).toMatchObject({ kind: 'unconfirmed', standing: false });
    expect(endedAt).toBeGreaterThanOrEqual(7 * DAY);
    const pauses = looks.slice(1).map((at, index) => at - (looks[index] ?? 0));
    expect(Math.max(...pauses)).toBeLessThanOrEqual(10);
    expect(pauses.slice(0, 4)).toEqual([1, 2, 4, 8]);
  });

  it('T15c takes silence of a service that is there for unconfirmed, never for delivered', () => {
    const { end, looks, sends } = play(() => silent);
    expect(end).toEqual({ kind: 'unconfirmed', reason: 'timeout', standing: false });
    expect(looks).toEqual([1, 10]);
    expect(sends).toEqual([0]);
  });

  it.each([
    ['silence', silent],
    ['absence', away],
  ])(
    'T15d where no lookup was ever answered ends %s as unconfirmed after a day, by the setting',
    (_what, verdict) => {
      const { end, endedAt } = play(() => verdict, { isLookupAnswered: false });
      expect(end).toMatchObject({ kind: 'unconfirmed', standing: true });
      expect(endedAt).toBeGreaterThanOrEqual(DAY);
      expect(endedAt).toBeLessThan(DAY + 15 * MINUTE);
    },
  );

  it('T15e asks about a message in doubt for ten minutes of silence, and never sends it meanwhile', () => {
    const { end, looks, sends } = play(() => silent, { inFlight: true });
    expect(end).toMatchObject({ kind: 'unconfirmed' });
    expect(looks.at(-1)).toBeGreaterThan(10);
    expect(sends).toEqual([]);
  });

  it('T15f keeps a message in doubt while the orders service is away, and sends it when it is not paid', () => {
    const { end, sends } = play((at, count) => (at < 2 * DAY ? away : count === 0 ? unpaid : paid), {
      inFlight: true,
    });
    expect(end).toEqual({ kind: 'done' });
    expect(sends).toHaveLength(1);
  });
});
