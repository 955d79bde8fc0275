import type { OrderVerdict } from './order.verdict.js';
import type { ClaimedMessage } from '../outbox.message.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** From a send to the looks after it: whoever got it has acted by then, or is slow. */
export const FIRST_LOOK_MS = MINUTE_MS;
const LOOKS_MS = [FIRST_LOOK_MS, 10 * MINUTE_MS];
/** Between the two looks that found silence, of a message that somebody was there to receive. */
const SECOND_LOOK_MS = 9 * MINUTE_MS;
/** The same, of a message in doubt: about 10 minutes in all. */
const DOUBT_DELAYS_MS = [5_000, 10_000, 20_000, 40_000, 80_000, 160_000, 285_000];
/** Between sends to an order that stays unpaid: doubled each time. */
const FIRST_RESEND_MS = MINUTE_MS;
const LONGEST_RESEND_MS = 6 * HOUR_MS;
/** Between looks for an orders service that is away or at fault. */
const LONGEST_ABSENCE_LOOK_MS = 10 * MINUTE_MS;
/** How long an orders service is waited for, and sent to. */
const PATIENCE_MS = 7 * DAY_MS;
/** The same where no lookup was ever answered: perhaps nobody ever will. */
const UNANSWERED_PATIENCE_MS = DAY_MS;
/** Between two answers that there is no such order: an order's own database may have been restored meanwhile. */
const MISSING_MS = 3 * HOUR_MS;
/** Timers are not exact. */
const SLACK_MS = 1_000;

/** Sends without effect after which somebody should look. */
export const SENDS_IN_VAIN = 5;

type Sent = Pick<
  ClaimedMessage,
  'inFlight' | 'sends' | 'checks' | 'firstSentAgoMs' | 'lastSentAgoMs' | 'missingForMs'
>;

export type OrdersDecision =
  | { kind: 'done' }
  | { kind: 'resend'; sends: number }
  | { kind: 'look'; afterMs: number; reason: string; checks: number; missing: boolean | undefined }
  /** `standing`: the fault is the setting's, one for all messages. */
  | { kind: 'unconfirmed'; reason: string; standing: boolean }
  | { kind: 'bury'; reason: string };

/**
 * What becomes of a message that went out, or may have, from what its order says:
 * - paid: done. Unpaid: sent again, ever less often, for seven days.
 * - there is no such order: asked once more hours later, then dead.
 * - nobody is there, or answers something else: kept, and asked about for seven days.
 * - silence of a service that is there: unconfirmed after 10 minutes, and never sent again by itself.
 * - where no lookup was ever answered: unconfirmed after a day.
 */
export function decideOnOrder(
  message: Sent,
  verdict: OrderVerdict,
  isLookupAnswered: boolean,
): OrdersDecision {
  switch (verdict.kind) {
    case 'paid':
      return { kind: 'done' };
    case 'unpaid':
      return decideOnUnpaid(message);
    case 'unknown_order':
      return decideOnMissing(message, verdict.reason);
    case 'unanswered':
      return decideOnNoAnswer(message, verdict, isLookupAnswered);
  }
}

function decideOnUnpaid(message: Sent): OrdersDecision {
  const sends = message.sends + (message.inFlight ? 1 : 0);
  if ((message.firstSentAgoMs ?? 0) >= PATIENCE_MS) {
    const reason = `sent ${sends} times in seven days, and the order is not paid`;
    return { kind: 'unconfirmed', reason, standing: false };
  }
  const elapsed = message.lastSentAgoMs ?? resendMs(sends);
  if (message.inFlight || elapsed >= resendMs(sends) - SLACK_MS) return { kind: 'resend', sends };
  const looks = [...LOOKS_MS, resendMs(sends)].map((at) => at - elapsed).filter((ms) => ms > SLACK_MS);
  const afterMs = Math.min(...looks);
  return { kind: 'look', afterMs, reason: 'the order is not paid', checks: 0, missing: false };
}

function decideOnMissing({ missingForMs, checks }: Sent, reason: string): OrdersDecision {
  const rest = MISSING_MS - (missingForMs ?? 0);
  if (missingForMs !== null && rest <= SLACK_MS) return { kind: 'bury', reason };
  return { kind: 'look', afterMs: rest, reason, checks, missing: true };
}

function decideOnNoAnswer(
  { inFlight, checks, firstSentAgoMs }: Sent,
  { why, reason }: Extract<OrderVerdict, { kind: 'unanswered' }>,
  isLookupAnswered: boolean,
): OrdersDecision {
  const elapsed = firstSentAgoMs ?? 0;
  if (why === 'silent' && isLookupAnswered) {
    const delays = inFlight ? DOUBT_DELAYS_MS : [SECOND_LOOK_MS];
    const afterMs = delays[checks];
    if (afterMs === undefined) return { kind: 'unconfirmed', reason, standing: false };
    return { kind: 'look', afterMs, reason, checks: checks + 1, missing: undefined };
  }
  if (elapsed >= (isLookupAnswered ? PATIENCE_MS : UNANSWERED_PATIENCE_MS)) {
    return { kind: 'unconfirmed', reason, standing: !isLookupAnswered };
  }
  // `checks` stays: an earlier version beside this one takes the second look without an answer for delivered.
  const soonest = inFlight ? (DOUBT_DELAYS_MS[0] ?? MINUTE_MS) : MINUTE_MS;
  const afterMs = Math.min(LONGEST_ABSENCE_LOOK_MS, Math.max(soonest, elapsed));
  return { kind: 'look', afterMs, reason, checks: 0, missing: undefined };
}

function resendMs(sends: number): number {
  return Math.min(LONGEST_RESEND_MS, FIRST_RESEND_MS * 2 ** Math.max(0, Math.min(sends - 1, 20)));
}
