import type { InvoiceRecord, SubscriptionRecord } from '../billing.types.js';
import type { StripeWorld } from '../stripe.world.js';
import { finalizeInvoice } from './invoice.finalize.js';
import { attemptInvoice, type InvoiceAttempt } from './invoice.payment.js';
import { settleInvoice } from './invoice.settle.js';
import { markUncollectible, stopCollection, voidInvoice } from './invoice.void.js';

/**
 * A draft is finalized and collected at once; at Stripe a renewal waits for about an hour in between.
 * A pause of the collection, or a subscription that is unpaid, keeps it from being charged.
 */
export function collectInvoice(
  world: StripeWorld,
  owner: SubscriptionRecord,
  record: InvoiceRecord,
  attempt: Omit<InvoiceAttempt, 'isScheduled'> = {},
): void {
  const { pause_collection: pause, status } = owner.subscription;
  if (pause?.behavior === 'keep_as_draft' || status === 'unpaid') {
    stopCollection(record);
    return;
  }
  finalizeInvoice(world, owner, record, pause?.behavior !== 'void');
  if (pause?.behavior === 'void') voidInvoice(world, record);
  else if (record.invoice.amount_due === 0) settleInvoice(world, owner, record);
  else if (pause) markUncollectible(world, record);
  else attemptInvoice(world, record, { ...attempt, isScheduled: true });
}
