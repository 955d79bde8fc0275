import type { InvoiceRecord } from '../billing.types.js';
import type { InvoiceAttachParams, InvoicePayParams } from '../params/invoice.params.js';
import { newRecordPayment } from '../objects/invoice.object.js';
import { refused, StripeError } from '../stripe.errors.js';
import type { Invoice } from '../stripe.types.js';
import type { StripeWorld } from '../stripe.world.js';
import { declinedError } from './card.refusal.js';
import { finalizeInvoice } from './invoice.draft.js';
import { attemptInvoice, intentOf, comeBack, settleInvoice } from './invoice.payment.js';
import { markUncollectible, voidInvoice } from './invoice.void.js';
import { requireOwned } from './method.moves.js';
import { methodOf } from './subscription.changes.js';

/** Pays an invoice now, outside of the schedule. Throws 402 where the card is declined or asks. */
export function payInvoice(world: StripeWorld, record: InvoiceRecord, params: InvoicePayParams): Invoice {
  const { invoice } = record;
  const owner = world.billing.subscription(record.subscriptionId);
  if (invoice.status === 'paid') throw refused('Invoice is already paid');
  if (invoice.status === 'void') throw refused('This invoice is void and cannot be paid.');
  if (invoice.status === 'draft') throw refused('This invoice is a draft: finalize it before it is paid.');
  const named = params.payment_method;
  const method = named
    ? requireOwned(world, named, invoice.customer, 'payment_method')
    : methodOf(world, owner.subscription);
  if (params.paid_out_of_band || invoice.amount_due === 0) {
    settleInvoice(world, owner, record, { outOfBand: params.paid_out_of_band });
    return invoice;
  }
  if (!method) {
    const message =
      'There is no `default_payment_method` set on this Customer or Invoice. Please set a `default_payment_method` or pass a `payment_method`.';
    throw refused(message);
  }
  const offSession = params.off_session ?? true;
  const outcome = attemptInvoice(world, record, { isScheduled: false, offSession, method });
  if (outcome === 'declined') throw declinedError(intentOf(world, record).intent);
  if (outcome === 'asked') {
    const message = 'Payment for this invoice requires additional user action before it can be completed.';
    throw new StripeError(402, message, {
      type: 'card_error',
      code: 'invoice_payment_intent_requires_action',
    });
  }
  return invoice;
}

/** The merchant was paid some other way, has reported a payment record of it, and attaches that to the open invoice. */
export function payByRecord(
  world: StripeWorld,
  record: InvoiceRecord,
  { payment_record: recordId }: InvoiceAttachParams,
): Invoice {
  const { invoice } = record;
  if (invoice.status !== 'open') throw refused(`This invoice is ${invoice.status} and cannot be paid.`);
  const payment = newRecordPayment(world, invoice, recordId);
  payment.status = 'paid';
  payment.amount_paid = invoice.amount_due;
  payment.status_transitions.paid_at = world.clock.seconds();
  world.billing.invoicePayments.set(payment.id, payment);
  settleInvoice(world, world.billing.subscription(record.subscriptionId), record, { outOfBand: true });
  world.log.emit('invoice_payment.paid', payment);
  return invoice;
}

/** A draft that was held back goes out, and is collected within the hour. */
export function releaseInvoice(world: StripeWorld, record: InvoiceRecord, advances = true): Invoice {
  const { invoice } = record;
  const owner = world.billing.subscription(record.subscriptionId);
  finalizeInvoice(world, owner, record);
  invoice.auto_advance = advances;
  if (invoice.amount_due === 0) settleInvoice(world, owner, record);
  else if (advances) invoice.next_payment_attempt = world.clock.seconds() + 3600;
  return invoice;
}

/** The merchant lets an invoice go; a subscription that it held up goes on. */
export function forgiveInvoice(
  world: StripeWorld,
  record: InvoiceRecord,
  as: 'void' | 'uncollectible',
): Invoice {
  const owner = world.billing.subscription(record.subscriptionId);
  if (as === 'void') voidInvoice(world, record);
  else markUncollectible(world, record);
  const isHeldUp = owner.subscription.status === 'paused' || owner.subscription.status === 'incomplete';
  if (!isHeldUp) comeBack(world, owner, record);
  return record.invoice;
}
