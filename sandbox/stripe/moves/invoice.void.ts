import type { InvoiceRecord } from '../billing.types.js';
import { refused } from '../stripe.errors.js';
import type { StripeWorld } from '../stripe.world.js';
import { endIntent } from './intent.moves.js';

/** Nobody will pay this invoice any more, as if it had never been. */
export function voidInvoice(world: StripeWorld, record: InvoiceRecord): void {
  const { invoice } = record;
  requireUnpaid(record, 'voided');
  invoice.status = 'void';
  invoice.status_transitions.voided_at = world.clock.seconds();
  stopCollection(record);
  endPayment(world, record);
  world.log.emit('invoice.voided', invoice);
}

/** The merchant no longer expects the money. It may still be paid. */
export function markUncollectible(world: StripeWorld, record: InvoiceRecord): void {
  const { invoice } = record;
  requireUnpaid(record, 'marked uncollectible');
  invoice.status = 'uncollectible';
  invoice.status_transitions.marked_uncollectible_at = world.clock.seconds();
  stopCollection(record);
  world.log.emit('invoice.marked_uncollectible', invoice);
}

/** Stripe tries no more by itself. */
export function stopCollection({ invoice }: InvoiceRecord): void {
  invoice.auto_advance = false;
  invoice.next_payment_attempt = null;
}

function requireUnpaid({ invoice }: InvoiceRecord, verb: string): void {
  if (invoice.status === 'open' || invoice.status === 'uncollectible') return;
  throw refused(`Only open or uncollectible invoices can be ${verb}: this one is ${invoice.status}.`);
}

function endPayment(world: StripeWorld, { payment }: InvoiceRecord): void {
  if (!payment) return;
  payment.status = 'canceled';
  payment.status_transitions.canceled_at = world.clock.seconds();
  const started = world.intents.get(payment.payment.payment_intent);
  if (started) endIntent(world, started, 'void_invoice');
}
