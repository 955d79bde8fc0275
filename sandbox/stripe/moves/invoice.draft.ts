import type { InvoiceRecord, SubscriptionRecord } from '../billing.types.js';
import { pendingLine, periodLine, type Span } from '../objects/invoice.line.js';
import { newInvoice, type BillingReason, newInvoicePayment } from '../objects/invoice.object.js';
import type { InvoiceItemParams } from '../params/invoice.params.js';
import { missing, refused } from '../stripe.errors.js';
import type { InvoiceLine, Subscription, Customer, Invoice } from '../stripe.types.js';
import type { StripeWorld } from '../stripe.world.js';
import { changeSubscription, currentPeriod, setPeriod } from './subscription.changes.js';
import { newIntent } from '../objects/intent.object.js';
import { changedFields } from '../stripe.changes.js';
import { leastCharge } from '../stripe.money.js';

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
    const { coupon } = owner;
    const invoice = newInvoice(world, { subscription, reason, period, lines, coupon });
    subscription.latest_invoice = invoice.id;
    if (coupon?.duration === 'once') {
      owner.coupon = null;
      subscription.discounts = [];
    }
    const all = lines.map((line) => ({ ...line, invoice: invoice.id }));
    return { invoice, lines: all, subscriptionId: subscription.id, payment: null };
  });
  world.billing.invoices.set(record.invoice.id, record);
  world.log.emit('invoice.created', record.invoice);
  return record;
}

/** An invoice by hand, of what waits. It stays a draft until somebody finalizes it. */
export function draftByHand(world: StripeWorld, owner: SubscriptionRecord): InvoiceRecord {
  const record = draftInvoice(world, owner, {
    reason: 'manual',
    lines: () => owner.waitingLines.splice(0),
    period: momentOf(world),
  });
  record.invoice.auto_advance = false;
  return record;
}

/** What somebody puts on the next invoice of a subscription. */
export function addInvoiceItem(world: StripeWorld, params: InvoiceItemParams): object {
  const owner = world.billing.subscription(params.subscription, 'subscription');
  const { subscription } = owner;
  if (subscription.customer !== params.customer) throw missing('customer', params.customer, 'customer');
  const at = world.clock.seconds();
  const description = params.description ?? '';
  const line = pendingLine(subscription, { amount: params.amount, description, at });
  owner.waitingLines.push(line);
  const item = {
    id: line.parent?.invoice_item_details?.invoice_item ?? '',
    object: 'invoiceitem',
    amount: line.amount,
    currency: line.currency,
    customer: subscription.customer,
    customer_account: null,
    date: at,
    description: line.description,
    discountable: false,
    discounts: [],
    invoice: null,
    livemode: false,
    metadata: {},
    parent: {
      subscription_details: { subscription: subscription.id, subscription_item: null },
      type: 'subscription_details',
    },
    period: line.period,
    pricing: null,
    proration: false,
    quantity: 1,
    quantity_decimal: '1',
    tax_rates: [],
    test_clock: null,
  };
  world.log.emit('invoiceitem.created', item);
  return item;
}

/** The empty period of an invoice that looks back on nothing. */
export function momentOf(world: StripeWorld): Span {
  const now = world.clock.seconds();
  return { start: now, end: now };
}

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
