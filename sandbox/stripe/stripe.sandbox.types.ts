import type { DeliveryRecord } from '../delivery.log.js';
import type { DeliverySwitches } from '../delivery.switches.js';
import type { Faults } from '../faults.js';
import type { BillingControls, CardControls } from './billing.sandbox.types.js';
import type { Dunning } from './billing.types.js';
import type { EventEnvelope, Payload } from './event.log.js';
import type { CardOutcome } from './moves/card.payment.js';
import type { DisputeRequest } from './moves/dispute.moves.js';
import type { SandboxState } from './stripe.state.js';
import type { Charge, Customer, Dispute, Intent, Refund, Session, StripeEvent } from './stripe.types.js';

export interface StripeSandboxOptions {
  /** 0, the default, takes a free port. */
  port?: number;
  host?: string;
  /** Whose key it is; `acct_sandbox` when absent. */
  accountId?: string;
  /** The key that callers must use; `sk_test_sandbox` when absent. */
  secretKey?: string;
  /** The key of browsers; `pk_test_sandbox` when absent. */
  publishableKey?: string;
  webhookUrls?: string[];
  /** Every one of them signs, as while a secret is being rolled; `['whsec_sandbox']` when absent. */
  webhookSecrets?: string[];
  /** What the receivers get of each event: its snapshot, a thin one, or both; `snapshot` when absent. */
  payload?: Payload;
  /** Signs thin events; `whsec_sandbox_thin` when absent. */
  thinSecret?: string;
  /** Waits before the second, third … attempt of a webhook, in milliseconds. */
  retryScheduleMs?: number[];
  /** How long a receiver may take, in milliseconds. */
  webhookTimeoutMs?: number;
  /** Beginning of `receipt_url`; this server when absent. Some consumers want a host with a TLD. */
  receiptBase?: string;
  /** 3, 5 and 7 days after each failed attempt, then the subscription is canceled, when absent. */
  dunning?: Partial<Dunning>;
  /** Milliseconds since the epoch; `advance` adds to it. */
  now?: () => number;
}

/** A session and what became of it, as copies. */
export interface PaymentView {
  session: Session;
  paymentIntent: Intent | null;
  /** The latest charge. */
  charge: Charge | null;
}

export interface LegacySessionRequest {
  orderId: string;
  currency?: string;
  /** `price` in major units, as that service takes it. */
  items?: { name: string; price: number; quantity: number }[];
  successUrl?: string;
  cancelUrl?: string;
  /** On the session itself; that service put none there. */
  metadata?: Record<string, string>;
  /** The buyer may enter a promotion code. */
  promotionCodes?: boolean;
}

/** A Payment Link as somebody opens it: everybody may, and may write into its address. */
export interface LinkVisit {
  /** Minor units. */
  amount: number;
  currency?: string;
  /** Of the address bar; Stripe drops what is longer than 200 or has other than letters, digits, `-` and `_`. */
  clientReferenceId?: string;
  /** Of the link, which its shop made. */
  metadata?: Record<string, string>;
}

export interface StripeSandbox extends CardControls, BillingControls {
  readonly url: string;
  close(): Promise<void>;

  /** Types a card number into the hosted page; 4242 4242 4242 4242 when absent. */
  payWithCard(
    sessionId: string,
    entry?: { number?: string; installments?: number },
  ): Promise<PaymentView & { outcome: CardOutcome }>;
  /** Answers the bank's question after an `asked` card. */
  answerChallenge(sessionId: string, approves: boolean): Promise<PaymentView & { outcome: CardOutcome }>;
  issueVoucher(sessionId: string): Promise<PaymentView>;
  payVoucher(sessionId: string): Promise<PaymentView>;
  startTransfer(sessionId: string): Promise<PaymentView>;
  /** @param amount minor units; what is missing when absent */
  receiveTransfer(sessionId: string, amount?: number): Promise<PaymentView & { outcome: 'partial' | 'paid' }>;
  /** A bank debit (us_bank_account, only by name): pending for days, then settled. */
  startDebit(sessionId: string): Promise<PaymentView>;
  settleDebit(sessionId: string, pays: boolean): Promise<PaymentView>;
  expire(sessionId: string): Promise<Session>;
  capture(paymentIntentId: string, amount?: number): Promise<Intent>;
  refund(chargeId: string, amount?: number): Promise<Refund>;
  settleRefund(refundId: string, outcome: 'succeeded' | 'failed'): Promise<Refund>;
  openDispute(chargeId: string, request?: DisputeRequest): Promise<Dispute>;
  escalateInquiry(disputeId: string): Promise<Dispute>;
  /** An inquiry is closed whatever the outcome; a lost dispute may be won later. */
  closeDispute(disputeId: string, outcome: 'won' | 'lost'): Promise<Dispute>;
  /** Changes a customer as somebody in Stripe's dashboard does. */
  updateCustomer(customerId: string, fields: { email?: string; name?: string }): Promise<Customer>;
  /** A session as the service that was replaced made it: the order id on the payment intent only. */
  legacySession(request: LegacySessionRequest): Promise<Session>;
  /** The session that somebody gets who opens a Payment Link. */
  openLink(visit: LinkVisit): Promise<Session>;
  /** The buyer enters a promotion code that takes everything off, and is done: there is nothing to pay. */
  redeemFully(sessionId: string): Promise<Session>;
  /** Every later event says so, until it is changed again. */
  setEnvelope(envelope: EventEnvelope): void;
  /** What the receivers get from now on, also of events that are sent again. */
  setPayload(payload: Payload): void;

  readonly faults: Faults;
  readonly delivery: {
    readonly switches: Readonly<DeliverySwitches>;
    set(changes: Partial<DeliverySwitches>): void;
    settled(): Promise<void>;
    readonly log: readonly DeliveryRecord[];
    /** Sends an event once more to every receiver. */
    resend(eventId: string): void;
  };
  /** Every event so far, oldest first. */
  readonly events: readonly StripeEvent[];
  setWebhooks(urls: string[], secrets?: string[]): void;
  /** Moves the clock; what is due then happens before this resolves. */
  advance(seconds: number): Promise<void>;
  /** Everything that this Stripe knows, for a checker. */
  state(): SandboxState;
}
