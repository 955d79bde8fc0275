import type { DisputeStatus } from '../../providers/facts.js';

type Verdict = DisputeStatus | 'stale';

/** An open dispute may change its stage; a decided one is decided. */
export const DISPUTE_TRANSITIONS: Readonly<Record<DisputeStatus, Readonly<Record<DisputeStatus, Verdict>>>> =
  {
    open: { open: 'open', won: 'won', lost: 'lost' },
    won: { open: 'stale', won: 'stale', lost: 'stale' },
    lost: { open: 'stale', won: 'stale', lost: 'stale' },
  };
