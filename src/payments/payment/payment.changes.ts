import { Injectable } from '@nestjs/common';
import { ServiceSettings } from '../../config/settings.js';
import type { Tx } from '../../database/database.js';
import type { Cause } from '../../kernel/applied.js';
import { Ids } from '../../kernel/ids.js';
import { orderIdTypeOf, wireOrderId } from '../../kernel/order.id.js';
import { legacySucceeded, streamMessage } from '../../outbox/event.envelope.js';
import { type OutboxMessage, OutboxStore } from '../../outbox/outbox.store.js';
import { type NewTransition, PaymentStore } from './payment.store.js';
import type { PaymentRow } from './payment.tables.js';
import { viewOf } from './payment.view.js';

export interface Step {
  /** What moved it, for the audit log. */
  fact: string;
  patch?: Partial<PaymentRow>;
  /** The event to announce, such as `payment.succeeded`. */
  event?: string;
  extra?: Record<string, unknown>;
  onceKey?: string;
  detail?: Record<string, string>;
  occurredAt: Date;
}

/** What one fact changes of a locked payment: each step is a version, a line of the audit log and at most one event. */
export class PaymentChanges {
  readonly transitions: NewTransition[] = [];
  readonly messages: OutboxMessage[] = [];
  readonly lockedVersion: number;

  constructor(
    public payment: PaymentRow,
    private readonly cause: Cause,
    private readonly ids: Ids,
    /** This service's address: the source of its events. */
    private readonly source: string,
  ) {
    this.lockedVersion = payment.version;
  }

  get isEmpty(): boolean {
    return this.transitions.length === 0;
  }

  /** Ids and details that arrived late: no new version, nothing to announce. */
  learn(patch: Partial<PaymentRow>): void {
    this.payment = { ...this.payment, ...patch };
  }

  step(step: Step): void {
    const before = this.payment;
    const first = before.version === 0;
    this.payment = { ...before, ...step.patch, version: before.version + 1 };
    this.transitions.push({
      paymentId: before.id,
      version: this.payment.version,
      from: first ? null : before.status,
      to: this.payment.status,
      fact: step.fact,
      cause: this.cause,
      onceKey: step.onceKey ?? null,
      detail: step.detail ?? null,
    });
    if (step.event !== undefined && this.payment.announced) this.announce(step.event, step);
  }

  /** The event that orders services of old listen to: three keys, core NATS. */
  tellOrders(chargeId: string, receiptUrl: string): void {
    const { id: paymentId, announced, metadata } = this.payment;
    if (!announced || this.payment.orderId === null) return;
    const orderId = wireOrderId(this.payment.orderId, orderIdTypeOf(metadata));
    this.messages.push(legacySucceeded({ id: this.ids.next(), paymentId, orderId, chargeId, receiptUrl }));
  }

  private announce(type: string, step: Step): void {
    const { occurredAt, extra } = step;
    const { source } = this;
    const { orderId, id: paymentId } = this.payment;
    const id = this.ids.next();
    const told = { eventId: id, type, occurredAt: occurredAt.toISOString() };
    const data = { ...told, ...viewOf(this.payment, source), ...extra };
    this.messages.push(streamMessage({ id, type, occurredAt, orderId, paymentId, source, data }));
  }
}

/** Writes a payment, its audit log and its messages in the caller's transaction. */
@Injectable()
export class PaymentWriter {
  constructor(
    private readonly payments: PaymentStore,
    private readonly outbox: OutboxStore,
    private readonly ids: Ids,
    private readonly service: ServiceSettings,
  ) {}

  changesTo(payment: PaymentRow, cause: Cause): PaymentChanges {
    return new PaymentChanges(payment, cause, this.ids, this.service.publicUrl);
  }

  async write(tx: Tx, changes: PaymentChanges): Promise<PaymentRow> {
    const { id, createdAt: _createdAt, updatedAt: _updatedAt, ...patch } = changes.payment;
    const written = await this.payments.update(tx, id, changes.lockedVersion, patch);
    await this.payments.recordTransitions(tx, changes.transitions);
    await this.outbox.append(tx, changes.messages);
    return written;
  }
}
