import type { RefundStatus } from '../../providers/facts.js';

/** What a reported status does to a refund that we know: the next status, or `stale`. */
type Verdict = RefundStatus | 'stale';

/**
 * Where each word comes from:
 * - `pending` → `succeeded`, `failed`: Stripe `refund.updated`, `refund.failed`; Conekta's refunds in cash.
 * - `pending` → `canceled`: Stripe, in its dashboard, while the refund waits or wants the buyer's action.
 * - `succeeded` → `failed` is the provider's later word: the buyer's bank sends the money back days after (Stripe
 *   `refund.failed`), or what was recorded as a refund was a hold that was never captured.
 * - `failed` and `canceled` are final: whoever wants the money back makes another refund, which has its own id.
 * - `succeeded` → `canceled`, and anything → `pending`, no provider says: an older event that comes late.
 */
export const REFUND_TRANSITIONS: Readonly<Record<RefundStatus, Readonly<Record<RefundStatus, Verdict>>>> = {
  pending: { pending: 'stale', succeeded: 'succeeded', failed: 'failed', canceled: 'canceled' },
  succeeded: { pending: 'stale', succeeded: 'stale', failed: 'failed', canceled: 'stale' },
  failed: { pending: 'stale', succeeded: 'stale', failed: 'stale', canceled: 'stale' },
  canceled: { pending: 'stale', succeeded: 'stale', failed: 'stale', canceled: 'stale' },
};
