import type { InvoiceRecord, SubscriptionRecord } from '../billing.types.js';
import { newIntent } from '../objects/intent.object.js';
import { newInvoicePayment } from '../objects/invoice.object.js';
import { changedFields } from '../stripe.changes.js';
import { refused } from '../stripe.errors.js';
import { leastCharge } from '../stripe.money.js';
import type { Customer, Invoice } from '../stripe.types.js';
import type { StripeWorld } from '../stripe.world.js';

/**
 * A draft becomes an invoice: numbered, reckoned with the customer's balance, and with the one payment
 * intent that all its attempts share.
 *
 * @param payable false where nobody is to pay it
 */
export function finalizeInvoice(
  world: StripeWorld,
  owner: SubscriptionRecord,
  record: InvoiceRecord,
  payable = true,
): void {
  const { invoice } = record;
  if (invoice.status !== 'draft') throw refused('This invoice is already finalized.');
  const customer = world.customer(invoice.customer, 'customer');
  invoice.status = 'open';
  invoice.number = `${customer.invoice_prefix}-${String(customer.next_invoice_sequence ?? 1).padStart(4, '0')}`;
  invoice.hosted_invoice_url = `${world.baseUrl}/i/${invoice.id}`;
  invoice.effective_at = world.clock.seconds();
  invoice.status_transitions.finalized_at = world.clock.seconds();
  customer.next_invoice_sequence = (customer.next_invoice_sequence ?? 1) + 1;
  if (payable) {
    useBalance(world, invoice, customer);
    if (invoice.amount_due > 0) startPayment(world, owner, record);
  }
  world.log.emit('invoice.finalized', invoice);
}

/** A credit of the customer pays first; what is too little to be charged is owed until the next invoice. */
function useBalance(world: StripeWorld, invoice: Invoice, customer: Customer): void {
  const before = structuredClone(customer);
  const owed = invoice.total + customer.balance;
  const isCharged = owed >= leastCharge(invoice.currency);
  invoice.starting_balance = customer.balance;
  invoice.amount_due = isCharged ? owed : 0;
  invoice.amount_remaining = invoice.amount_due;
  customer.balance = isCharged ? 0 : owed;
  invoice.ending_balance = customer.balance;
  if (customer.balance === before.balance) return;
  world.log.emit('customer.updated', customer, changedFields(before, customer));
}

/** The intent carries nothing of the merchant: its invoice is found by the invoice payment. */
function startPayment(world: StripeWorld, { subscription }: SubscriptionRecord, record: InvoiceRecord): void {
  const { invoice } = record;
  const isFirst = invoice.billing_reason === 'subscription_create';
  const isSaved = subscription.payment_settings?.save_default_payment_method === 'on_subscription';
  const intent = newIntent(world, {
    amount: invoice.amount_due,
    currency: invoice.currency,
    methods: ['card'],
    captureMethod: 'automatic',
    metadata: {},
    customer: invoice.customer,
    description: isFirst ? 'Subscription creation' : 'Subscription update',
    receiptEmail: null,
    automaticMethods: false,
    futureUsage: { payment: isFirst && isSaved ? 'off_session' : null, card: null },
  });
  world.intents.set(intent.id, { intent, sessionId: null, invoiceId: invoice.id });
  record.payment = newInvoicePayment(world, invoice, intent.id);
  world.billing.invoicePayments.set(record.payment.id, record.payment);
  world.log.emit('payment_intent.created', intent);
}
