import type { Coupon, DefaultInvoicePayment, Invoice, InvoiceLine, Subscription } from './stripe.types.js';

/** A subscription with what its object does not show. */
export interface SubscriptionRecord {
  subscription: Subscription;
  /** `customer.subscription.created` was sent: from now on changes are told. */
  isAnnounced: boolean;
  /** Prorations, credits and invoice items that wait for the next invoice. */
  waitingLines: InvoiceLine[];
  /** Taken off each cycle; null: nothing is. */
  coupon: Coupon | null;
  /** When `trial_will_end` is due; null when it is not, or was sent. */
  trialNoticeAt: number | null;
  /** The end of the period whose invoice was announced by `invoice.upcoming`. */
  upcomingFor: number | null;
  /** The invoice whose payment ends the pause. */
  resumeInvoice: string | null;
}

export interface InvoiceRecord {
  invoice: Invoice;
  /** All of them: the invoice itself shows its first ten. */
  lines: InvoiceLine[];
  subscriptionId: string;
  /** Null while it is a draft, and for an invoice of nothing. */
  payment: DefaultInvoicePayment | null;
}

/** What the account does about a renewal that was not paid, or whose money is taken back. */
export interface Dunning {
  /** Days from each failed attempt to the next one. */
  retryDays: number[];
  /** What becomes of the subscription when the last attempt failed. */
  afterLast: 'cancel' | 'unpaid' | 'past_due';
  /** What becomes of it when one of its payments is disputed. */
  afterDispute: 'cancel' | 'keep';
}
