import { Injectable } from '@nestjs/common';
import { ServiceSettings } from '../../config/settings.js';
import type { Tx } from '../../database/database.js';
import type { Cause } from '../../kernel/applied.js';
import { Ids } from '../../kernel/ids.js';
import { streamMessage } from '../../outbox/event.envelope.js';
import { type OutboxMessage, OutboxStore } from '../../outbox/outbox.store.js';
import type { SubscriptionStep } from './subscription.js';
import { type NewSubscriptionTransition, SubscriptionStore } from './subscription.store.js';
import type { SubscriptionRow } from './subscription.tables.js';
import { type SubscriptionNames, subscriptionResource } from './subscription.view.js';

/** What the ids of a row stand for, whichever plan it comes to name. */
export interface NameBook {
  /** By the plans' uids. */
  planIds: ReadonlyMap<string, string>;
  providerCustomerId: string | null;
}

/** What one reading changes of a locked subscription: each step is one version, one line of the audit log and one event. */
export class SubscriptionChanges {
  readonly transitions: NewSubscriptionTransition[] = [];
  readonly messages: OutboxMessage[] = [];
  readonly lockedVersion: number;

  constructor(
    public row: SubscriptionRow,
    private readonly names: NameBook,
    private readonly cause: Cause,
    private readonly ids: Ids,
    private readonly source: string,
  ) {
    this.lockedVersion = row.version;
  }

  get isEmpty(): boolean {
    return this.transitions.length === 0;
  }

  /** What the next event tells, or nobody needs to be told: no new version. */
  learn(patch: Partial<SubscriptionRow>): void {
    this.row = { ...this.row, ...patch };
  }

  step(step: SubscriptionStep): void {
    const before = this.row;
    this.row = { ...before, ...step.patch, version: before.version + 1 };
    this.transitions.push({
      subscriptionId: before.id,
      version: this.row.version,
      from: before.version === 0 ? null : before.status,
      to: this.row.status,
      event: step.event,
      cause: this.cause,
      onceKey: step.onceKey ?? null,
      detail: step.detail ?? null,
    });
    const { event: type, occurredAt, extra } = step;
    const id = this.ids.next();
    const resource = subscriptionResource(this.row, namesOf(this.row, this.names));
    // They are the row's own, and the row is not written yet.
    const { createdAt: _createdAt, updatedAt: _updatedAt, ...told } = resource;
    const { orderId, id: paymentId } = this.row;
    const data = { eventId: id, type, occurredAt: occurredAt.toISOString(), ...told, ...extra };
    const { source } = this;
    this.messages.push(streamMessage({ id, type, occurredAt, orderId, paymentId, source, data }));
  }
}

export function namesOf(row: SubscriptionRow, { planIds, providerCustomerId }: NameBook): SubscriptionNames {
  return {
    planId: planIds.get(row.planUid) ?? row.planUid,
    nextPlanId: row.nextPlanUid === null ? null : (planIds.get(row.nextPlanUid) ?? row.nextPlanUid),
    providerCustomerId,
  };
}

/** Writes a subscription, its audit log and its messages in the caller's transaction. */
@Injectable()
export class SubscriptionWriter {
  constructor(
    private readonly subscriptions: SubscriptionStore,
    private readonly outbox: OutboxStore,
    private readonly ids: Ids,
    private readonly service: ServiceSettings,
  ) {}

  changesTo(row: SubscriptionRow, names: NameBook, cause: Cause): SubscriptionChanges {
    return new SubscriptionChanges(row, names, cause, this.ids, this.service.publicUrl);
  }

  async write(tx: Tx, changes: SubscriptionChanges): Promise<void> {
    await this.subscriptions.update(tx, changes.row, changes.lockedVersion);
    await this.subscriptions.recordTransitions(tx, changes.transitions);
    await this.outbox.append(tx, changes.messages);
  }
}
