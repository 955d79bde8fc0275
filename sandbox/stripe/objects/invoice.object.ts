import { newId } from '../stripe.ids.js';
import type {
  Coupon,
  DefaultInvoicePayment,
  Invoice,
  InvoiceLine,
  InvoicePayment,
  Subscription,
} from '../stripe.types.js';
import type { StripeWorld } from '../stripe.world.js';
import type { Span } from './invoice.line.js';

export type BillingReason =
  'manual' | 'subscription_create' | 'subscription_cycle' | 'subscription_update' | 'upcoming';

export interface InvoiceParts {
  subscription: Subscription;
  reason: BillingReason;
  lines: InvoiceLine[];
  /** The period before: what was used in it, not what is billed in advance. */
  period: Span;
  /** In percent of what is billed for whole periods. */
  coupon?: Coupon | null;
}

/** Lines are paged like every list, pending items first. */
const LINES_SHOWN = 10;

/** A draft; its number, its payment and what the customer's balance takes off come when it is finalized. */
export function newInvoice(
  world: StripeWorld,
  { subscription, reason, lines, period, coupon = null }: InvoiceParts,
): Invoice {
  const id = newId('in');
  const sumOf = (some: InvoiceLine[]): number => some.reduce((sum, line) => sum + line.amount, 0);
  const subtotal = sumOf(lines);
  const discount = Math.round((sumOf(lines.filter(isDiscountable)) * (coupon?.percent_off ?? 0)) / 100);
  const total = subtotal - discount;
  const due = Math.max(0, total);
  const customer = world.customers.get(subscription.customer);
  return {
    id,
    object: 'invoice',
    account_country: 'MX',
    account_name: 'Sandbox',
    account_tax_ids: null,
    amount_due: due,
    amount_overpaid: 0,
    amount_paid: 0,
    amount_remaining: due,
    amount_shipping: 0,
    application: null,
    attempt_count: 0,
    attempted: false,
    auto_advance: true,
    automatic_tax: {
      disabled_reason: null,
      enabled: false,
      liability: null,
      provider: null,
      status: null,
    },
    automatically_finalizes_at: null,
    billing_reason: reason,
    collection_method: 'charge_automatically',
    created: world.clock.seconds(),
    currency: subscription.currency,
    custom_fields: null,
    customer: subscription.customer,
    customer_account: null,
    customer_address: customer?.address ?? null,
    customer_email: customer?.email ?? null,
    customer_name: customer?.name ?? null,
    customer_phone: customer?.phone ?? null,
    customer_shipping: null,
    customer_tax_exempt: 'none',
    customer_tax_ids: [],
    default_payment_method: null,
    default_source: null,
    default_tax_rates: [],
    description: null,
    discounts: [],
    due_date: null,
    effective_at: null,
    ending_balance: null,
    footer: null,
    from_invoice: null,
    hosted_invoice_url: null,
    invoice_pdf: null,
    issuer: { type: 'self' },
    last_finalization_error: null,
    latest_revision: null,
    lines: {
      object: 'list',
      data: lines.slice(0, LINES_SHOWN).map((line) => ({ ...line, invoice: id })),
      has_more: lines.length > LINES_SHOWN,
      url: `/v1/invoices/${id}/lines`,
    },
    livemode: false,
    metadata: {},
    next_payment_attempt: null,
    number: null,
    on_behalf_of: null,
    parent: {
      quote_details: null,
      subscription_details: { metadata: { ...subscription.metadata }, subscription: subscription.id },
      type: 'subscription_details',
    },
    payment_settings: { default_mandate: null, payment_method_options: null, payment_method_types: null },
    period_end: period.end,
    period_start: period.start,
    post_payment_credit_notes_amount: 0,
    pre_payment_credit_notes_amount: 0,
    receipt_number: null,
    rendering: null,
    shipping_cost: null,
    shipping_details: null,
    starting_balance: customer?.balance ?? 0,
    statement_descriptor: null,
    status: 'draft',
    status_transitions: {
      finalized_at: null,
      marked_uncollectible_at: null,
      paid_at: null,
      voided_at: null,
    },
    subtotal,
    subtotal_excluding_tax: subtotal,
    test_clock: null,
    total,
    total_discount_amounts: subscription.discounts
      .slice(0, discount > 0 ? 1 : 0)
      .map((one) => ({ amount: discount, discount: one })),
    total_excluding_tax: total,
    total_pretax_credit_amounts: [],
    total_taxes: [],
    webhooks_delivered_at: null,
  };
}

function isDiscountable({ discountable }: InvoiceLine): boolean {
  return discountable;
}

/** What ties an invoice to the payment intent that all its attempts share. */
export function newInvoicePayment(
  world: StripeWorld,
  invoice: Invoice,
  intentId: string,
): DefaultInvoicePayment {
  const payment = { type: 'payment_intent' as const, payment_intent: intentId };
  return { ...invoicePayment(world, invoice), is_default: true, payment };
}

/** Money that came some other way, which the merchant has reported as a payment record. */
export function newRecordPayment(world: StripeWorld, invoice: Invoice, recordId: string): InvoicePayment {
  const payment = { type: 'payment_record', payment_record: recordId };
  return { ...invoicePayment(world, invoice), payment };
}

function invoicePayment(world: StripeWorld, invoice: Invoice): Omit<InvoicePayment, 'payment'> {
  return {
    id: newId('inpay'),
    object: 'invoice_payment',
    amount_paid: null,
    amount_requested: invoice.amount_due,
    created: world.clock.seconds(),
    currency: invoice.currency,
    invoice: invoice.id,
    is_default: false,
    livemode: false,
    status: 'open',
    status_transitions: { canceled_at: null, paid_at: null },
  };
}
