import type { Applied, Cause } from '../../kernel/applied.js';
import { derivedId } from '../../kernel/ids.js';
import type { Money } from '../../kernel/money.js';
import { orderIdTypeOf, wireOrderId } from '../../kernel/order.id.js';
import { legacySucceeded, streamMessage } from '../../outbox/event.envelope.js';
import type { OutboxMessage } from '../../outbox/outbox.message.js';
import type { Fact, PaymentRef } from '../../providers/facts.js';
import type {
  DisputeRow,
  NewTransition,
  OrderSlot,
  PaymentRow,
  RefundRow,
} from '../payment/payment.tables.js';
import { viewOf } from '../payment/payment.view.js';
import type { OwnFact } from './own.facts.js';

/** A payment with all that facts about it are decided by. */
export interface PaymentState {
  row: PaymentRow;
  refunds: readonly RefundRow[];
  disputes: readonly DisputeRow[];
  /** Once-keys of what happened to it. */
  happened: ReadonlySet<string>;
  /** The money that put it before a person, where it is not in `amountCaptured`. */
  received: Money | undefined;
}

/** What is kept of the payments that a batch of facts touches. Nothing in it changes while a fact is decided. */
export interface PaymentsView {
  /** By our id, else by the first of the provider's ids that is known. */
  find(ref: PaymentRef): PaymentState | undefined;
  payment(id: string): PaymentState | undefined;
  /** @param key see slotOf. */
  slot(key: string): OrderSlot;
  /** Money came in for another cycle of the subscription than this payment. */
  hasOtherMoney(subscriptionId: string, paymentId: string): boolean;
}

/** What decisions depend on beside the payments. */
export interface DecisionRules {
  /** This service's address: the source of its events, and of its receipts. */
  publicUrl: string;
  /** Payments of others are announced if they were paid since then. */
  adoptSince: Date;
  isOurs(installationId: string): boolean;
}

/** A fact as it reached us. */
export interface ToldFact {
  fact: Fact | OwnFact;
  cause: Cause;
  /** By the database's clock. */
  now: Date;
  /** The payment's row was waited for long enough: it is lost, or never was. */
  waited?: boolean | undefined;
}

/** What a fact changes. */
export interface Decision {
  applied: Applied;
  /** New or changed. */
  payments: readonly PaymentState[];
  slots: readonly OrderSlot[];
  transitions: readonly NewTransition[];
  messages: readonly OutboxMessage[];
  /** What parked facts may wait for, and is here now. */
  wakes: readonly string[];
}

export function stateOf(row: PaymentRow): PaymentState {
  return { row, refunds: [], disputes: [], happened: new Set(), received: undefined };
}

/** A payment before its first step. */
export function newPayment(
  now: Date,
  told: Pick<PaymentRow, RequiredOfPayment> & Partial<PaymentRow>,
): PaymentRow {
  return {
    customerId: null,
    subscriptionId: null,
    status: 'created',
    amountCaptured: 0n,
    amountRefunded: 0n,
    ui: 'hosted',
    sessionId: null,
    providerPaymentId: null,
    chargeId: null,
    method: null,
    receiptUrl: null,
    checkoutUrl: null,
    embed: null,
    successUrl: null,
    cancelUrl: null,
    expiresAt: null,
    adjustments: [],
    contentHash: null,
    closedBy: null,
    failure: null,
    reviewReason: null,
    disputed: false,
    adopted: false,
    announced: true,
    version: 0,
    revision: 0n,
    createdAt: now,
    updatedAt: now,
    paidAt: null,
    nextCheckAt: null,
    ...told,
  };
}

type RequiredOfPayment =
  | 'id'
  | 'orderId'
  | 'provider'
  | 'livemode'
  | 'amount'
  | 'currency'
  | 'capture'
  | 'items'
  | 'metadata'
  | 'caller';

export function unchanged(applied: Applied): Decision {
  return { applied, payments: [], slots: [], transitions: [], messages: [], wakes: [] };
}

/** What a fact about a payment waits for: the first of the ids that it carries. */
export function awaitedOf({ provider, paymentId, providerPaymentId, chargeId }: PaymentRef): string {
  return paymentId ?? `${provider}/${providerPaymentId ?? chargeId ?? ''}`;
}

export interface Step {
  /** What moved it, for the audit log. */
  fact: string;
  patch?: Partial<PaymentRow>;
  /** The event to announce, such as `payment.succeeded`. */
  event?: string;
  /** What tells this event from others of its type; default: the payment's id, for what happens once to a payment. */
  eventKey?: readonly string[];
  extra?: Record<string, unknown>;
  onceKey?: string;
  detail?: Record<string, string>;
  occurredAt: Date;
}

/** Builds a decision: each step is a version, a line of the audit log and at most one event. */
export class PaymentDraft {
  private readonly transitions: NewTransition[] = [];
  private readonly messages: OutboxMessage[] = [];
  private readonly wakes: string[] = [];
  private readonly others: PaymentState[] = [];
  private after: PaymentState;
  private slotAfter: OrderSlot;

  /** @param before of a new payment, too: then version 0. */
  constructor(
    private readonly before: PaymentState,
    private readonly slotBefore: OrderSlot,
    private readonly told: Pick<ToldFact, 'cause' | 'now'>,
    private readonly rules: Pick<DecisionRules, 'publicUrl'>,
    private readonly isNew = false,
  ) {
    this.after = before;
    this.slotAfter = slotBefore;
  }

  get row(): PaymentRow {
    return this.after.row;
  }

  get state(): PaymentState {
    return this.after;
  }

  get slot(): OrderSlot {
    return this.slotAfter;
  }

  get now(): Date {
    return this.told.now;
  }

  get hasSteps(): boolean {
    return this.transitions.length > 0;
  }

  /** Ids and details that arrived late: no new version, nothing to announce. */
  learn(patch: Partial<PaymentRow>): void {
    if (Object.keys(patch).length > 0) this.after = { ...this.after, row: { ...this.row, ...patch } };
  }

  keep(patch: Partial<Omit<PaymentState, 'row'>>): void {
    this.after = { ...this.after, ...patch };
  }

  setSlot(patch: Partial<OrderSlot>): void {
    this.slotAfter = { ...this.slotAfter, ...patch };
  }

  /** The order's live attempt ended without money; another one may begin. */
  releaseSlot(): void {
    if (this.slot.openPaymentId === this.row.id) this.setSlot({ openPaymentId: null });
  }

  /** The janitor looks at this other payment in its next round. */
  makeDue(other: PaymentState | undefined): void {
    if (other !== undefined) this.others.push({ ...other, row: { ...other.row, nextCheckAt: this.now } });
  }

  /** Facts that were parked for this payment may be tried again. */
  wakeWaiting(): void {
    const { id, provider, providerPaymentId, chargeId } = this.row;
    const theirs = [providerPaymentId, chargeId].flatMap((one) => (one === null ? [] : `${provider}/${one}`));
    this.wakes.push(id, ...theirs);
  }

  step(step: Step): void {
    const before = this.row;
    this.learn({ ...step.patch, version: before.version + 1 });
    const { id: paymentId, version, status } = this.row;
    this.transitions.push({
      paymentId,
      version,
      from: before.version === 0 ? null : before.status,
      to: status,
      fact: step.fact,
      cause: this.told.cause,
      onceKey: step.onceKey ?? null,
      detail: step.detail ?? null,
    });
    if (step.onceKey !== undefined) this.keep({ happened: new Set([...this.after.happened, step.onceKey]) });
    if (step.event !== undefined && this.row.announced) this.announce(step.event, step);
  }

  /** The message that orders services of old listen to: three keys, core NATS. */
  tellOrders(chargeId: string, receiptUrl: string): void {
    const { id: paymentId, announced, metadata, orderId } = this.row;
    if (!announced || orderId === null) return;
    this.messages.push(
      legacySucceeded({
        id: derivedId('orders', derivedId('payment.succeeded', paymentId)),
        paymentId,
        orderId: wireOrderId(orderId, orderIdTypeOf(metadata)),
        chargeId,
        receiptUrl,
      }),
    );
  }

  decision(applied: Applied): Decision {
    const { transitions, messages, wakes, others } = this;
    const changed = this.isNew || this.after !== this.before ? [this.after] : [];
    const slots = this.slotAfter === this.slotBefore ? [] : [this.slotAfter];
    return { applied, payments: [...changed, ...others], slots, transitions, messages, wakes };
  }

  /** @param unchangedReason why nothing happened, if so. */
  done(unchangedReason: string): Decision {
    return this.decision(
      this.hasSteps ? { kind: 'applied', id: this.row.id } : { kind: 'stale', reason: unchangedReason },
    );
  }

  private announce(type: string, { occurredAt, extra, eventKey }: Step): void {
    const { publicUrl: source } = this.rules;
    const { orderId, id: paymentId } = this.row;
    const id = derivedId(type, ...(eventKey ?? [paymentId]));
    const told = { eventId: id, type, occurredAt: occurredAt.toISOString() };
    const data = { ...told, ...viewOf(this.row, source), ...extra };
    this.messages.push(streamMessage({ id, type, occurredAt, orderId, paymentId, source, data }));
  }
}
