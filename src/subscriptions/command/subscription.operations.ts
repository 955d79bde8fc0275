import { Injectable } from '@nestjs/common';
import { DatabaseClock } from '../../database/database.clock.js';
import type { Tx } from '../../database/database.js';
import type { Cause } from '../../kernel/applied.js';
import {
  callOf,
  type OperationHandler,
  OperationHandlers,
  type WriteAnswer,
} from '../../operations/operation.handler.js';
import type { Operation } from '../../operations/operation.store.js';
import { ProviderError } from '../../providers/provider.errors.js';
import type { Outcome } from '../../providers/provider.port.js';
import { FactReferencesReader } from '../facts/fact.references.js';
import { SubscriptionAnswers } from './subscription.answers.js';
import { SUBSCRIPTION_OPERATIONS, subscriptionKindOf, SubscriptionProviders } from './subscription.port.js';
import type { SubscriptionReading } from '../facts/subscription.reading.js';

/** Makes the recorded calls that are about subscriptions. */
@Injectable()
export class SubscriptionOperations implements OperationHandler {
  constructor(
    handlers: OperationHandlers,
    private readonly answers: SubscriptionAnswers,
    private readonly references: FactReferencesReader,
    private readonly providers: SubscriptionProviders,
    private readonly clock: DatabaseClock,
  ) {
    handlers.register(SUBSCRIPTION_OPERATIONS, this);
  }

  lock(tx: Tx, { subjectId }: Operation): Promise<void> {
    return this.answers.lock(tx, subjectId);
  }

  async call(operation: Operation, cause: Cause): Promise<Outcome<WriteAnswer>> {
    const { subscriptions } = this.providers.get(operation.provider);
    const readFrom = await this.clock.now();
    const madeByOthers = await this.answers.madeByOthers(operation);
    const call = { ...callOf(operation), ...(madeByOthers && { madeByOthers }) };
    const outcome = await subscriptions.run(subscriptionKindOf(operation), call);
    if (!outcome.known) return outcome;
    const readings = outcome.value.facts.flatMap((fact) =>
      fact.kind === 'subscription'
        ? [{ fact: { ...fact, subscriptionId: operation.subjectId }, readFrom, trialEnding: false }]
        : [],
    );
    const read = await this.readReferences(readings, cause);
    if (read instanceof ProviderError) return { known: false, error: read };
    return { known: true, value: (tx) => this.answers.write(tx, operation, read, cause) };
  }

  async refused(tx: Tx, { kind, subjectId }: Operation): Promise<void> {
    if (kind === 'create_subscription') return this.answers.reject(tx, subjectId);
    if (kind === 'cancel_subscription') await this.answers.forgetComment(tx, subjectId);
    return this.answers.readAgain(tx, subjectId);
  }

  async unknown(): Promise<void> {
    // It stays as it is until the provider has said more.
  }

  /** The provider has acted: that it does not tell the rest just now is no refusal. */
  private async readReferences(
    readings: readonly SubscriptionReading[],
    cause: Cause,
  ): Promise<SubscriptionReading[] | ProviderError> {
    try {
      const read: SubscriptionReading[] = [];
      for (const reading of readings) {
        read.push({ ...reading, fact: await this.references.ensure(reading.fact, cause) });
      }
      return read;
    } catch (error) {
      if (error instanceof ProviderError) return error;
      throw error;
    }
  }
}
