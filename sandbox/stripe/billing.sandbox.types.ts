import type { Dunning } from './billing.types.js';
import type { CardOutcome } from './moves/card.payment.js';
import type { SaveOutcome } from './moves/setup.moves.js';
import type { CustomerFields } from './params/customer.params.js';
import type { SubscriptionCreateParams, SubscriptionUpdateParams } from './params/subscription.params.js';
import type {
  Customer,
  Invoice,
  PaymentMethod,
  Price,
  Product,
  Session,
  SetupIntent,
  Subscription,
} from './stripe.types.js';

/** A session that saves a card and what became of it, as copies. */
export interface SetupView {
  session: Session;
  setupIntent: SetupIntent;
  /** Null until the card is saved. */
  paymentMethod: PaymentMethod | null;
}

/** The customer's and the bank's part in saved cards. */
export interface CardControls {
  /** Types a card number into the page of a setup session; 4242 4242 4242 4242 when absent. */
  saveCard(
    sessionId: string,
    entry?: { number?: string; email?: string; name?: string },
  ): Promise<SetupView & { outcome: SaveOutcome }>;
  /** Answers the bank's question after an `asked` card of a setup session. */
  answerSetup(sessionId: string, approves: boolean): Promise<SetupView & { outcome: SaveOutcome }>;
  /** Answers the bank's question of a payment or setup intent without a session, an invoice's included. */
  authenticate(intentId: string, approves: boolean): Promise<{ outcome: CardOutcome | SaveOutcome }>;
  /**
   * From now on the card is declined for this reason (`insufficient_funds`; `authentication_required`
   * makes the bank ask); null makes it the card that it was.
   */
  setCardOutcome(paymentMethodId: string, declineCode: string | null): Promise<PaymentMethod>;
}

/** What somebody does in Stripe's dashboard: what the API does, with its webhooks, which name no request. */
export interface StripePanel {
  updateCustomer(customerId: string, fields: CustomerFields): Promise<Customer>;
  /** Cancels the customer's subscriptions too. */
  deleteCustomer(customerId: string): Promise<object>;
  updateProduct(productId: string, fields: { name?: string; active?: boolean }): Promise<Product>;
  /** Archives a price or brings it back; its subscribers keep it. */
  updatePrice(priceId: string, fields: { active?: boolean; nickname?: string }): Promise<Price>;
  createSubscription(params: SubscriptionCreateParams): Promise<Subscription>;
  /** `cancel_at_period_end`, `pause_collection`, `items: [{id, price}]` and all else that the API takes. */
  updateSubscription(subscriptionId: string, params: SubscriptionUpdateParams): Promise<Subscription>;
  cancelSubscription(subscriptionId: string): Promise<Subscription>;
  pauseSubscription(subscriptionId: string): Promise<Subscription>;
  resumeSubscription(subscriptionId: string): Promise<Subscription>;
  payInvoice(invoiceId: string): Promise<Invoice>;
  /** Any other operation of the API: `('POST', '/v1/customers/cus_1', {…})`. */
  call(method: 'GET' | 'POST' | 'DELETE', path: string, params?: object): Promise<object>;
}

export interface BillingControls {
  readonly panel: StripePanel;
  /** How often and when an unpaid renewal is tried again, and what then becomes of the subscription. */
  setDunning(changes: Partial<Dunning>): Promise<Dunning>;
}
