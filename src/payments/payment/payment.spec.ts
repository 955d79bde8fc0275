import { describe, expect, it } from '@jest/globals';
import { DISPUTE_STANDINGS, DISPUTE_TRANSITIONS, standingOf } from './dispute.js';
import {
  isClosed,
  isOpen,
  isPaid,
  paidStatus,
  PAYMENT_STATUSES,
  PAYMENT_TRANSITIONS,
  type PaymentStatus,
  type Trigger,
  type Verdict,
  verdict,
} from './payment.js';
import { REFUND_TRANSITIONS } from './refund.js';

const TRIGGERS = [
  'opened',
  'pending',
  'authorized',
  'attempt_failed',
  'succeeded',
  'failed',
  'expired',
  'canceled',
  'outcome_unknown',
  'never_opened',
  'closed',
] as const satisfies readonly Trigger[];

type Row = readonly [
  opened: Verdict,
  pending: Verdict,
  authorized: Verdict,
  attemptFailed: Verdict,
  succeeded: Verdict,
  failed: Verdict,
  expired: Verdict,
  canceled: Verdict,
  outcomeUnknown: Verdict,
  neverOpened: Verdict,
  closed: Verdict,
];

/** What every fact does to every status, written out: the columns are TRIGGERS. */
// prettier-ignore
const EXPECTED: Readonly<Record<PaymentStatus, Row>> = {
  created:            ['stale',   'pending', 'authorized', 'created', 'succeeded', 'failed', 'expired', 'canceled', 'unknown', 'failed', 'canceled'],
  pending:            ['stale',   'stale',   'authorized', 'pending', 'succeeded', 'failed', 'expired', 'canceled', 'stale',   'stale',  'canceled'],
  authorized:         ['stale',   'stale',   'stale',      'stale',   'succeeded', 'failed', 'expired', 'canceled', 'stale',   'stale',  'canceled'],
  unknown:            ['created', 'pending', 'authorized', 'created', 'succeeded', 'failed', 'expired', 'canceled', 'stale',   'failed', 'canceled'],
  succeeded:          ['stale',   'stale',   'stale',      'stale',   'stale',     'stale',  'stale',   'stale',    'stale',   'stale',  'stale'],
  partially_refunded: ['stale',   'stale',   'stale',      'stale',   'stale',     'stale',  'stale',   'stale',    'stale',   'stale',  'stale'],
  refunded:           ['stale',   'stale',   'stale',      'stale',   'stale',     'stale',  'stale',   'stale',    'stale',   'stale',  'stale'],
  failed:             ['stale',   'stale',   'stale',      'stale',   'late',      'stale',  'stale',   'stale',    'stale',   'stale',  'stale'],
  expired:            ['stale',   'stale',   'stale',      'stale',   'late',      'stale',  'stale',   'stale',    'stale',   'stale',  'stale'],
  canceled:           ['stale',   'stale',   'stale',      'stale',   'late',      'stale',  'stale',   'stale',    'stale',   'stale',  'stale'],
  review:             ['stale',   'stale',   'stale',      'stale',   'stale',     'stale',  'stale',   'stale',    'stale',   'stale',  'stale'],
};

describe('the payment machine', () => {
  it.each(PAYMENT_STATUSES)('does to %s what its table says, for every fact', (status) => {
    expect(TRIGGERS.map((trigger) => verdict(status, trigger))).toEqual(EXPECTED[status]);
  });

  it('knows no fact that the table leaves out', () => {
    for (const row of Object.values(PAYMENT_TRANSITIONS)) {
      expect(Object.keys(row).sort()).toEqual([...TRIGGERS].sort());
    }
    expect(Object.keys(PAYMENT_TRANSITIONS).sort()).toEqual([...PAYMENT_STATUSES].sort());
  });

  it('calls every status open, paid, closed or for review, and only one of them', () => {
    const open: PaymentStatus[] = ['created', 'pending', 'authorized', 'unknown'];
    const paid: PaymentStatus[] = ['succeeded', 'partially_refunded', 'refunded'];
    const closed: PaymentStatus[] = ['failed', 'expired', 'canceled'];
    expect(PAYMENT_STATUSES.filter(isOpen).sort()).toEqual(open.sort());
    expect(PAYMENT_STATUSES.filter(isPaid)).toEqual(paid);
    expect(PAYMENT_STATUSES.filter(isClosed)).toEqual(closed);
  });

  it.each([
    [100n, 0n, 'succeeded'],
    [100n, 1n, 'partially_refunded'],
    [100n, 99n, 'partially_refunded'],
    [100n, 100n, 'refunded'],
  ])('of %p captured and %p refunded says %s', (captured, refunded, status) => {
    expect(paidStatus(captured, refunded)).toBe(status);
  });
});

describe('the refund machine', () => {
  it('lets a refund fail after it succeeded, and never the reverse', () => {
    expect(REFUND_TRANSITIONS).toEqual({
      pending: { pending: 'stale', succeeded: 'succeeded', failed: 'failed', canceled: 'canceled' },
      succeeded: { pending: 'stale', succeeded: 'stale', failed: 'failed', canceled: 'stale' },
      failed: { pending: 'stale', succeeded: 'stale', failed: 'stale', canceled: 'stale' },
      canceled: { pending: 'stale', succeeded: 'stale', failed: 'stale', canceled: 'stale' },
    });
  });
});

describe('the dispute machine', () => {
  const edges = DISPUTE_STANDINGS.flatMap((from) =>
    DISPUTE_STANDINGS.filter((to) => DISPUTE_TRANSITIONS[from][to] !== 'stale').map(
      (to) => [from, to] as const,
    ),
  );

  it('T12c does to every standing what its table says: a lost one may be won later, and an inquiry become a chargeback', () => {
    expect(edges).toEqual([
      ...DISPUTE_STANDINGS.map((to) => ['inquiry', to]),
      ...['open', 'lost', 'won'].map((to) => ['inquiry_closed', to]),
      ...['open', 'lost', 'won'].map((to) => ['open', to]),
      ['lost', 'won'],
    ]);
    for (const [from, to] of edges) expect(DISPUTE_TRANSITIONS[from][to]).toBe(to);
  });

  it('T12d never goes back in the order of its standings, so that any order of arrival ends alike', () => {
    for (const [from, to] of edges) {
      expect(DISPUTE_STANDINGS.indexOf(to)).toBeGreaterThanOrEqual(DISPUTE_STANDINGS.indexOf(from));
    }
  });

  it('takes an open dispute of before inquiries were told apart for either', () => {
    expect(standingOf('open', null)).toBe('inquiry');
    expect(standingOf('won', null)).toBe('won');
    expect(standingOf('lost', null)).toBe('lost');
  });
});
