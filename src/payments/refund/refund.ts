import type { RefundStatus } from '../../providers/facts.js';

/** What a reported status does to a refund that we know: the next status, or `stale`. */
type Verdict = RefundStatus | 'stale';

/** A refund can fail after it succeeded (the customer's bank sends it back), but never succeed after it failed. */
export const REFUND_TRANSITIONS: Readonly<Record<RefundStatus, Readonly<Record<RefundStatus, Verdict>>>> = {
  pending: { pending: 'stale', succeeded: 'succeeded', failed: 'failed', canceled: 'canceled' },
  succeeded: { pending: 'stale', succeeded: 'stale', failed: 'failed', canceled: 'stale' },
  failed: { pending: 'stale', succeeded: 'stale', failed: 'stale', canceled: 'stale' },
  canceled: { pending: 'stale', succeeded: 'stale', failed: 'stale', canceled: 'stale' },
};
