import type { InvoiceRecord, SubscriptionRecord } from '../billing.types.js';
import { periodLine, type Span } from '../objects/invoice.line.js';
import { newInvoice, type BillingReason } from '../objects/invoice.object.js';
import type { InvoiceLine, Subscription } from '../stripe.types.js';
import type { StripeWorld } from '../stripe.world.js';
import { changeSubscription, currentPeriod, setPeriod } from './subscription.changes.js';

export interface Opening {
  period: Span;
  reason: BillingReason;
  /** What else changes in the same moment. */
  change?: (subscription: Subscription) => void;
}

/** A new period begins: every item of it, and whatever waited, is on a draft. */
export function openPeriod(world: StripeWorld, owner: SubscriptionRecord, opening: Opening): InvoiceRecord {
  const { period, reason } = opening;
  const before = currentPeriod(owner.subscription);
  return draftInvoice(world, owner, {
    reason,
    lines: ({ items }) => [
      ...owner.waitingLines.splice(0),
      ...items.data.map((item) => periodLine(world, owner.subscription, item, period)),
    ],
    period: reason === 'subscription_cycle' ? before : momentOf(world),
    change: (changed) => {
      setPeriod(changed, period);
      opening.change?.(changed);
    },
  });
}

export interface Draft {
  reason: BillingReason;
  /** Read after the change. */
  lines: (subscription: Subscription) => InvoiceLine[];
  period: Span;
  change?: (subscription: Subscription) => void;
}

/** An invoice that is the latest of its subscription. */
export function draftInvoice(world: StripeWorld, owner: SubscriptionRecord, draft: Draft): InvoiceRecord {
  const { reason, period } = draft;
  const record = changeSubscription(world, owner, (subscription): InvoiceRecord => {
    draft.change?.(subscription);
    const lines = draft.lines(subscription);
    const invoice = newInvoice(world, { subscription, reason, period, lines });
    subscription.latest_invoice = invoice.id;
    return { invoice, subscriptionId: subscription.id, payment: null };
  });
  world.billing.invoices.set(record.invoice.id, record);
  world.log.emit('invoice.created', record.invoice);
  return record;
}

/** The empty period of an invoice that looks back on nothing. */
export function momentOf(world: StripeWorld): Span {
  const now = world.clock.seconds();
  return { start: now, end: now };
}
