import type { InvoiceRecord, SubscriptionRecord } from '../billing.types.js';
import { pendingLine, periodLine, type Span } from '../objects/invoice.line.js';
import { newInvoice, type BillingReason } from '../objects/invoice.object.js';
import type { InvoiceItemParams } from '../params/invoice.params.js';
import { missing } from '../stripe.errors.js';
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
