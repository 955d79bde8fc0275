import type { DeliveryRecord } from '../delivery.log.js';
import type { DeliverySwitches } from '../delivery.switches.js';
import type { Faults } from '../faults.js';
import type { CardEntry, CardOutcome, CheckoutActs } from './checkout.acts.js';
import type { Pages } from './conekta.lists.js';
import type { ConektaPanel } from './conekta.panel.types.js';
import type { SandboxState } from './conekta.state.js';
import type {
  Chargeback,
  ConektaEvent,
  Customer,
  Order,
  PaymentSource,
  WebhookKey,
} from './conekta.types.js';

export interface ConektaSandboxOptions {
  /** 0, the default, takes a free port. */
  port?: number;
  host?: string;
  /** The key that callers must use; `DEFAULT_PRIVATE_KEY` when absent. */
  privateKey?: string;
  /** The key of the component; `DEFAULT_PUBLIC_KEY` when absent. */
  publicKey?: string;
  /** Registered at once as webhooks for every event. */
  webhookUrls?: string[];
  /** The private half (PEM) of the first webhook key; a fresh pair when absent. */
  webhookKey?: string;
  /** Refuse webhook URLs on this machine at `POST` and `PUT /webhooks`, as Conekta does; true when absent. */
  refuseLocalWebhooks?: boolean;
  /** What every object says; false when absent. */
  livemode?: boolean;
  /** Waits before the second, third … attempt of a webhook, in milliseconds. */
  retryScheduleMs?: number[];
  /** How long a receiver may take, in milliseconds. */
  webhookTimeoutMs?: number;
  /** Milliseconds since the epoch; `advance` adds to it. */
  now?: () => number;
}

/** An order's id, or the id of its checkout. */
export type OrderRef = string;

/** What somebody changes at Conekta without telling anybody. */
export interface OrderAlteration {
  /** Centavos or cents. */
  amount?: number;
  currency?: string;
  livemode?: boolean;
  metadata?: Record<string, string | number | boolean>;
}

/** Every answer of a control is a copy. */
export interface ConektaSandbox {
  readonly url: string;
  readonly privateKey: string;
  readonly publicKey: string;
  /** The newest active webhook key, by which deliveries are signed now; PEM. */
  readonly publicKeyPem: string;
  close(): Promise<void>;

  /** What the component and the hosted page do; synchronous, and it throws ConektaError. */
  readonly acts: CheckoutActs;
  /** Types a card into the checkout; 4242 4242 4242 4242 in Spanish when absent. */
  payWithCard(
    order: OrderRef,
    entry?: Partial<CardEntry> & { language?: 'es' | 'en' },
  ): Promise<{ order: Order; outcome: CardOutcome }>;
  /** Answers the bank's question, for a checkout or for a direct charge. */
  answerChallenge(order: OrderRef, approve: boolean): Promise<{ order: Order; outcome: CardOutcome }>;
  issueCash(order: OrderRef): Promise<Order>;
  issueTransfer(order: OrderRef): Promise<Order>;
  /** The shop takes the money. `late` pays a voucher of an expired or canceled order too. */
  payVoucher(order: OrderRef, options?: { late?: boolean }): Promise<Order>;
  /** The money arrives by SPEI. `late` as for a voucher. */
  receiveTransfer(order: OrderRef, options?: { late?: boolean }): Promise<Order>;
  expire(order: OrderRef): Promise<Order>;
  cancel(order: OrderRef): Promise<Order>;
  capture(order: OrderRef, amount?: number): Promise<Order>;
  /** Lets go of a hold in the panel: told as a refund, although nothing was taken. */
  refundHold(order: OrderRef): Promise<Order>;
  /** @param amount centavos or cents; everything that is left when absent */
  refund(order: OrderRef, amount?: number): Promise<Order>;
  openChargeback(order: OrderRef, reason?: string): Promise<Chargeback>;
  updateChargeback(order: OrderRef): Promise<Chargeback>;
  closeChargeback(order: OrderRef, outcome: 'won' | 'lost'): Promise<Chargeback>;
  /** The next card is held back for a review, though its customer is told that it has paid. */
  startFraudReview(order: OrderRef): Promise<Order>;
  closeFraudReview(order: OrderRef, outcome: 'paid' | 'fraudulent'): Promise<Order>;
  /** Changes the order behind everybody's back: no event tells. */
  alterOrder(order: OrderRef, changes: OrderAlteration): Promise<Order>;
  /** Changes a customer as somebody in the panel does. */
  updateCustomer(customerId: string, fields: { email?: string; name?: string }): Promise<Customer>;
  /**
   * What the bank says to a saved card from now on.
   * @param code the `failure_code` of a refusal, as `insufficient_funds`; null: it pays again
   */
  setCardOutcome(sourceId: string, code: string | null): Promise<PaymentSource>;
  /** Conekta charges a saved card no more; `customer.payment_source.card.blocked` tells. */
  blockCard(sourceId: string): Promise<PaymentSource>;
  readonly panel: ConektaPanel;
  /** How lists are paged from now on, also those inside orders, charges and customers. */
  setPages(changes: Partial<Pages>): void;

  /** Any event with any object; `data` without `object` when there is none, as for a ping. */
  emit(type: string, object?: object, options?: { livemode?: boolean }): ConektaEvent;
  /** A new key signs from now on; the earlier ones stop unless they are kept. */
  rotateKey(options?: { keepOld?: boolean }): WebhookKey;
  readonly keys: readonly WebhookKey[];
  /** The `Digest` of these bytes by the key that signs now. */
  sign(body: string | Buffer): string;

  readonly faults: Faults;
  readonly delivery: {
    readonly switches: Readonly<DeliverySwitches>;
    set(changes: Partial<DeliverySwitches>): void;
    settled(): Promise<void>;
    readonly log: readonly DeliveryRecord[];
    /** Sends an event once more to every webhook. */
    resend(eventId: string): void;
  };
  /** Every event so far, oldest first. */
  readonly events: readonly ConektaEvent[];
  /** Replaces the registered webhooks; local URLs are welcome here. */
  setWebhooks(urls: string[]): void;
  /** Moves the clock; what becomes due happens before this resolves, each thing at its own moment. */
  advance(seconds: number): Promise<void>;
  /** Everything that this Conekta knows, for a checker. */
  state(): SandboxState;
}
