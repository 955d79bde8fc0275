import type { SubscriptionRecord } from '../billing.types.js';
import { partLine, type Span } from '../objects/invoice.line.js';
import type { StripeWorld } from '../stripe.world.js';
import { collectInvoice } from './invoice.collect.js';
import { draftInvoice, momentOf } from './invoice.draft.js';
import type { InvoiceAttempt } from './invoice.payment.js';
import { currentPeriod } from './subscription.changes.js';

/**
 * Prorations wait for the next invoice: what is not used of a period, or what is still to be paid of it.
 * @param except ids of items with which nothing happens
 */
export function prorate(
  world: StripeWorld,
  owner: SubscriptionRecord,
  kind: 'unused' | 'remaining',
  span: Span = { start: world.clock.seconds(), end: currentPeriod(owner.subscription).end },
  except: ReadonlySet<string> = new Set(),
): void {
  const { subscription } = owner;
  const period = currentPeriod(subscription);
  for (const item of subscription.items.data) {
    if (except.has(item.id)) continue;
    const line = partLine(world, subscription, item, { kind, span, period });
    if (line.amount !== 0) owner.waitingLines.push(line);
  }
}

/** Bills what waits without a new period. */
export function billWaiting(
  world: StripeWorld,
  owner: SubscriptionRecord,
  attempt: Omit<InvoiceAttempt, 'isScheduled'> = {},
): void {
  if (owner.waitingLines.length === 0) return;
  const record = draftInvoice(world, owner, {
    reason: 'subscription_update',
    lines: () => owner.waitingLines.splice(0),
    period: momentOf(world),
  });
  collectInvoice(world, owner, record, attempt);
}
