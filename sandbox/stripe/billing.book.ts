import type { Dunning, InvoiceRecord, SubscriptionRecord } from './billing.types.js';
import { found } from './stripe.lists.js';
import type { Invoice, InvoicePayment, Price, Product, Subscription } from './stripe.types.js';

/** Stripe's own schedule changes with every card; this one is what an account may choose instead. */
export const DEFAULT_DUNNING: Dunning = {
  retryDays: [3, 5, 7],
  afterLast: 'cancel',
  afterDispute: 'keep',
};

/** The catalogue, and what is billed by it. Maps keep the order of creation. */
export class BillingBook {
  readonly products = new Map<string, Product>();
  readonly prices = new Map<string, Price>();
  readonly subscriptions = new Map<string, SubscriptionRecord>();
  readonly invoices = new Map<string, InvoiceRecord>();
  readonly invoicePayments = new Map<string, InvoicePayment>();
  dunning: Dunning = DEFAULT_DUNNING;

  product(id: string, param = 'id'): Product {
    return found(this.products, 'product', id, param);
  }

  price(id: string, param = 'id'): Price {
    return found(this.prices, 'price', id, param);
  }

  subscription(id: string, param = 'id'): SubscriptionRecord {
    return found(this.subscriptions, 'subscription', id, param);
  }

  invoice(id: string, param = 'id'): InvoiceRecord {
    return found(this.invoices, 'invoice', id, param);
  }

  invoicePayment(id: string): InvoicePayment {
    return found(this.invoicePayments, 'invoice_payment', id, 'id');
  }

  /** Every subscription of a customer, oldest first. */
  subscriptionsOf(customer: string): SubscriptionRecord[] {
    return [...this.subscriptions.values()].filter(({ subscription }) => subscription.customer === customer);
  }

  find(id: string): Product | Price | Subscription | Invoice | InvoicePayment | undefined {
    return (
      this.subscriptions.get(id)?.subscription ??
      this.invoices.get(id)?.invoice ??
      this.prices.get(id) ??
      this.products.get(id) ??
      this.invoicePayments.get(id)
    );
  }
}
