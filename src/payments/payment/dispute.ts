import type { DisputeStatus } from '../../providers/facts.js';

/** How far a dispute has come. An inquiry takes no money, and may become a chargeback; never the other way. */
export const DISPUTE_STANDINGS = ['inquiry', 'inquiry_closed', 'open', 'lost', 'won'] as const;
export type DisputeStanding = (typeof DISPUTE_STANDINGS)[number];

type Verdict = DisputeStanding | 'stale';

/**
 * What a reported standing does to a dispute that we know. Every edge goes forward in the order of the list, so any
 * order of arrival ends in the same state. Where the edges after an end come from:
 * - `inquiry_closed` → `open`, `lost`, `won`: the bank escalates an inquiry after all (Stripe: the status leaves
 *   `warning_*`, under the same id).
 * - `lost` → `won` is the provider's later word: the bank reverses its decision, or the buyer withdraws (Stripe
 *   `charge.dispute.funds_reinstated`, `charge.dispute.closed`; Conekta `charge.chargeback.won`).
 * - `won` is final: neither provider takes it back, and a second dispute of one charge has its own id.
 */
export const DISPUTE_TRANSITIONS: Readonly<
  Record<DisputeStanding, Readonly<Record<DisputeStanding, Verdict>>>
> = {
  inquiry: { inquiry: 'inquiry', inquiry_closed: 'inquiry_closed', open: 'open', lost: 'lost', won: 'won' },
  inquiry_closed: { inquiry: 'stale', inquiry_closed: 'stale', open: 'open', lost: 'lost', won: 'won' },
  open: { inquiry: 'stale', inquiry_closed: 'stale', open: 'open', lost: 'lost', won: 'won' },
  lost: { inquiry: 'stale', inquiry_closed: 'stale', open: 'stale', lost: 'stale', won: 'won' },
  won: { inquiry: 'stale', inquiry_closed: 'stale', open: 'stale', lost: 'stale', won: 'stale' },
};

/** @param inquiry null of a dispute that was kept before inquiries were told apart: an open one may be either. */
export function standingOf(status: DisputeStatus, inquiry: boolean | null): DisputeStanding {
  if (status === 'open') return inquiry === false ? 'open' : 'inquiry';
  return inquiry === true ? 'inquiry_closed' : status;
}
