import type { ServiceSettings } from '../../config/settings.js';
import { type Applied, type Cause, originOf } from '../../kernel/applied.js';
import { derivedId } from '../../kernel/ids.js';
import { streamMessage } from '../../outbox/event.envelope.js';
import type { OutboxMessage } from '../../outbox/outbox.message.js';
import type { OwnFact } from '../../payments/facts/own.facts.js';
import type { Fact } from '../../providers/facts.js';
import type { BillsView } from '../cycle/cycle.js';
import { MADE_AT_PROVIDER } from '../plan/plan.js';
import type { PlanRow } from '../plan/plan.tables.js';
import type { SubscriptionReading, SubscriptionStep } from '../subscription/subscription.js';
import type {
  NewSubscriptionTransition,
  SubscriptionPeriodRow,
  SubscriptionRow,
} from '../subscription/subscription.tables.js';
import { subscriptionResource } from '../subscription/subscription.view.js';

/** A subscription with what happened to it of all that happens once: see onceKeysOf, and ACTIVATED. */
export interface SubscriptionState {
  row: SubscriptionRow;
  happened: ReadonlySet<string>;
}

/** `subscription.activated` was announced. */
export const ACTIVATED = 'activated';

/** What is kept of all that a batch of readings names. Nothing in it changes while a reading is decided. */
export interface SubscriptionsView extends BillsView {
  subscription(id: string): SubscriptionState | undefined;
  atProvider(provider: string, providerSubscriptionId: string): SubscriptionState | undefined;
  /** What is kept of a subscription's bills, as far as they are not paid, or of a cycle that a reading names. */
  periodsOf(subscriptionId: string): readonly SubscriptionPeriodRow[];
  /** Our id. */
  customer(provider: string, providerCustomerId: string): string | undefined;
  /** The provider may be making one of this customer's right now. */
  isBeingCreated(provider: string, customerId: string): boolean;
  plan(uid: string): PlanRow | undefined;
  /** By any id that it ever had at its provider. */
  planAt(provider: string, providerPlanId: string): PlanRow | undefined;
  /** Our id of a card that its customer still has. */
  card(provider: string, providerSourceId: string): string | undefined;
}

/** A reading as it reached us. */
export interface ToldReading {
  reading: SubscriptionReading;
  cause: Cause;
  /** The call that it answers. */
  operationId?: string | undefined;
  /** A change of plan at once, by its uid: what is read cannot tell it from one that waits for the next cycle. */
  switchTo?: string | undefined;
}

/** What a reading changes. */
export interface SubscriptionDecision {
  applied: Applied;
  /** New or changed. */
  subscriptions: readonly SubscriptionState[];
  /** Those of them that are new or changed. */
  periods: readonly SubscriptionPeriodRow[];
  /** What the payments of its bills are to hear, in this order. */
  facts: readonly { fact: Fact | OwnFact; cause: Cause }[];
  transitions: readonly NewSubscriptionTransition[];
  messages: readonly OutboxMessage[];
}

export function unchanged(applied: Applied): SubscriptionDecision {
  return { applied, subscriptions: [], periods: [], facts: [], transitions: [], messages: [] };
}

/** Builds a decision: each step is a version, a line of the audit log and an event. */
export class SubscriptionDraft {
  private readonly transitions: NewSubscriptionTransition[] = [];
  private readonly messages: OutboxMessage[] = [];
  private after: SubscriptionState;

  constructor(
    private readonly before: SubscriptionState,
    private readonly told: ToldReading,
    private readonly view: Pick<SubscriptionsView, 'plan'>,
    private readonly rules: Pick<ServiceSettings, 'publicUrl'>,
  ) {
    this.after = before;
  }

  get row(): SubscriptionRow {
    return this.after.row;
  }

  get hasSteps(): boolean {
    return this.transitions.length > 0;
  }

  /** What the next event tells, or nobody needs to be told: no new version. */
  learn(patch: Partial<SubscriptionRow>): void {
    this.after = { ...this.after, row: { ...this.row, ...patch } };
  }

  step({ event, patch, extra, onceKey, detail, occurredAt, eventKey }: SubscriptionStep): void {
    const before = this.row;
    this.learn({ ...patch, version: before.version + 1 });
    const { id: subscriptionId, version, status: to } = this.row;
    const from = before.version === 0 ? null : before.status;
    const { cause } = this.told;
    const keys = { onceKey: onceKey ?? null, detail: detail ?? null };
    this.transitions.push({ subscriptionId, version, from, to, event, cause, ...keys });
    const happened = [onceKey ?? [], event === 'subscription.activated' ? ACTIVATED : []].flat();
    this.after = { ...this.after, happened: new Set([...this.after.happened, ...happened]) };
    this.announce(event, occurredAt, eventKey ?? this.again(event), extra);
  }

  decision(
    applied: Applied,
    more: Partial<Pick<SubscriptionDecision, 'periods' | 'facts'>> = {},
  ): SubscriptionDecision {
    const { transitions, messages } = this;
    const subscriptions = this.after === this.before ? [] : [this.after];
    return { ...unchanged(applied), ...more, subscriptions, transitions, messages };
  }

  /** What can happen twice is told apart by what made it happen, and within that by its number. */
  private again(event: string): string[] {
    const origin = originOf(this.told.cause, this.told.reading.readFrom, this.told.operationId);
    const earlier = this.transitions.filter((one) => one.event === event).length - 1;
    return earlier === 0 ? [origin] : [origin, String(earlier)];
  }

  private announce(
    type: string,
    occurredAt: Date,
    eventKey: readonly string[],
    extra: SubscriptionStep['extra'],
  ): void {
    const { row, view } = this;
    const { fact } = this.told.reading;
    const { publicUrl: source } = this.rules;
    const id = derivedId(type, row.provider, fact.providerSubscriptionId, ...eventKey);
    const idOf = (uid: string): string => view.plan(uid)?.id ?? uid;
    const resource = subscriptionResource(row, {
      planId: idOf(row.planUid),
      nextPlanId: row.nextPlanUid === null ? null : idOf(row.nextPlanUid),
      providerCustomerId: fact.providerCustomerId,
    });
    // They are the row's own, and the row is not written yet.
    const { createdAt: _createdAt, updatedAt: _updatedAt, ...told } = resource;
    const data = { eventId: id, type, occurredAt: occurredAt.toISOString(), ...told, ...extra };
    const { orderId, id: paymentId } = row;
    this.messages.push(streamMessage({ id, type, occurredAt, orderId, paymentId, source, data }));
  }
}

/** One that was made in the provider's own panel, before its first step. */
export function newSubscription(
  now: Date,
  told: Pick<
    SubscriptionRow,
    'id' | 'customerId' | 'planUid' | 'provider' | 'livemode' | 'providerSubscriptionId'
  >,
): SubscriptionRow {
  return {
    nextPlanUid: null,
    sourceId: null,
    orderId: null,
    status: 'incomplete',
    cancelReason: null,
    cancelAtPeriodEnd: false,
    cancelComment: null,
    trialEnd: null,
    periodStart: null,
    periodEnd: null,
    pausedAt: null,
    canceledAt: null,
    failedAttempts: 0,
    nextAttemptAt: null,
    hostedInvoiceUrl: null,
    metadata: {},
    exclusive: false,
    caller: MADE_AT_PROVIDER,
    version: 0,
    confirmedAt: null,
    nextCheckAt: null,
    createdAt: now,
    updatedAt: now,
    ...told,
  };
}
