import { Injectable } from '@nestjs/common';
import { DatabaseClock } from '../../database/service.store.js';
import { Database, type Tx } from '../../database/database.js';
import type { Cause } from '../../kernel/applied.js';
import {
  type Answer,
  callOf,
  type OperationHandler,
  OperationHandlers,
} from '../../operations/operation.handler.js';
import type { Operation } from '../../operations/operation.store.js';
import { inDoubt, known, type ProviderCall } from '../../providers/provider.calls.js';
import { ProviderError } from '../../providers/provider.errors.js';
import { ProviderRegistry } from '../../providers/provider.registry.js';
import { FactReferencesReader } from '../facts/fact.references.js';
import { SubscriptionFacts } from '../facts/subscription.facts.js';
import type { SubscriptionReading } from '../subscription/subscription.js';
import { SubscriptionStore } from '../subscription/subscription.store.js';

const KINDS = [
  'create_subscription',
  'change_plan',
  'change_card',
  'pause_subscription',
  'resume_subscription',
  'cancel_subscription',
  'undo_cancel_subscription',
  'retry_subscription',
] as const;

type SubscriptionOperation = Operation & { kind: (typeof KINDS)[number] };

/** Makes the recorded calls about subscriptions, and writes what the provider answers. */
@Injectable()
export class SubscriptionOperations implements OperationHandler<(typeof KINDS)[number]> {
  constructor(
    handlers: OperationHandlers,
    private readonly database: Database,
    private readonly subscriptions: SubscriptionStore,
    private readonly facts: SubscriptionFacts,
    private readonly references: FactReferencesReader,
    private readonly providers: ProviderRegistry,
    private readonly clock: DatabaseClock,
  ) {
    handlers.register(KINDS, this);
  }

  lock(tx: Tx, { subjectId }: Operation): Promise<unknown> {
    return this.subscriptions.lock(tx, subjectId);
  }

  async call(operation: SubscriptionOperation, cause: Cause): Promise<Answer> {
    const { subjectId: subscriptionId, provider } = operation;
    const { subscriptions } = this.providers.with(provider, 'subscriptions');
    const readFrom = await this.clock.now();
    const outcome = await subscriptions.run(operation.kind, await this.callFor(operation));
    if (!outcome.known) return outcome;
    const readings: SubscriptionReading[] = [];
    try {
      for (const told of outcome.value.facts) {
        if (told.kind !== 'subscription') continue;
        const fact = await this.references.ensure({ ...told, subscriptionId }, cause);
        readings.push({ fact, readFrom, trialEnding: false });
      }
    } catch (error) {
      // The provider has acted: that it does not tell the rest just now is no refusal.
      if (error instanceof ProviderError) return inDoubt(error);
      throw error;
    }
    return known((tx) => this.write(tx, operation, readings, cause));
  }

  async refused(tx: Tx, { kind, subjectId }: Operation): Promise<void> {
    if (kind === 'create_subscription') return this.subscriptions.reject(tx, subjectId);
    if (kind === 'cancel_subscription') await this.subscriptions.forgetComment(tx, subjectId);
    return this.subscriptions.makeDue(tx, subjectId);
  }

  /** A subscription that was asked for before is looked for: it is none of the known ones. */
  private async callFor(operation: Operation): Promise<ProviderCall> {
    const call = callOf(operation);
    if (operation.kind !== 'create_subscription' || operation.firstSentAt === null) return call;
    const { db } = this.database;
    return { ...call, madeByOthers: await this.subscriptions.atProviderBeside(db, operation.subjectId) };
  }

  private async write(
    tx: Tx,
    { id: operationId, kind, subjectId, target }: Operation,
    readings: readonly SubscriptionReading[],
    cause: Cause,
  ): Promise<void> {
    const switchTo = kind === 'change_plan' ? (target ?? undefined) : undefined;
    for (const reading of readings) {
      const applied = await this.facts.apply(tx, { reading, cause, operationId, switchTo });
      // What was found is another of ours: the one that was asked for was never made.
      if (applied.kind === 'conflict' && kind === 'create_subscription')
        await this.subscriptions.reject(tx, subjectId);
      if (applied.kind !== 'parked') continue;
      await this.subscriptions.link(tx, subjectId, reading.fact.providerSubscriptionId);
      await this.subscriptions.makeDue(tx, subjectId);
    }
  }
}
