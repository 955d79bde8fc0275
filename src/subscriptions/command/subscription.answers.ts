import { Injectable } from '@nestjs/common';
import { Database, type Tx } from '../../database/database.js';
import type { Cause } from '../../kernel/applied.js';
import type { Operation } from '../../operations/operation.store.js';
import { FactReferencesReader } from '../facts/fact.references.js';
import { SubscriptionFactApplier } from '../facts/subscription.fact.applier.js';
import type { SubscriptionReading } from '../facts/subscription.reading.js';
import { SubscriptionStore } from '../subscription/subscription.store.js';
import { SubscriptionWriter } from '../subscription/subscription.writer.js';

/** Writes what the provider answered to a command. */
@Injectable()
export class SubscriptionAnswers {
  constructor(
    private readonly database: Database,
    private readonly subscriptions: SubscriptionStore,
    private readonly applier: SubscriptionFactApplier,
    private readonly references: FactReferencesReader,
    private readonly writer: SubscriptionWriter,
  ) {}

  async lock(tx: Tx, id: string): Promise<void> {
    await this.subscriptions.lock(tx, id);
  }

  /** A subscription that was asked for before is looked for: it is none of those that are known already. */
  async madeByOthers({ kind, subjectId, firstSentAt }: Operation): Promise<string[] | undefined> {
    if (kind !== 'create_subscription' || firstSentAt === null) return undefined;
    return this.subscriptions.atProviderBeside(this.database.db, subjectId);
  }

  async write(
    tx: Tx,
    { kind, subjectId, target }: Operation,
    readings: readonly SubscriptionReading[],
    cause: Cause,
  ): Promise<void> {
    for (const reading of readings) {
      if (kind === 'change_plan' && target !== null)
        await this.switchPlan(tx, subjectId, target, reading, cause);
      const applied = await this.applier.apply(tx, reading, cause);
      // What was found is another one of ours: the one that was asked for was never made.
      if (applied.kind === 'conflict' && kind === 'create_subscription') await this.reject(tx, subjectId);
      if (applied.kind !== 'parked') continue;
      await this.subscriptions.link(tx, subjectId, reading.fact.providerSubscriptionId);
      await this.readAgain(tx, subjectId);
    }
  }

  /** It was never made: nobody was told of it, and its customer may have another one. */
  reject(tx: Tx, id: string): Promise<void> {
    return this.subscriptions.reject(tx, id);
  }

  /** Why it was to end, where it does not. */
  forgetComment(tx: Tx, id: string): Promise<void> {
    return this.subscriptions.forgetComment(tx, id);
  }

  /** What is kept may be behind what the provider has. */
  readAgain(tx: Tx, id: string): Promise<void> {
    return this.subscriptions.makeDue(tx, id);
  }

  /** A change that takes effect at once: what is read cannot tell it from one that waits for the next cycle. */
  private async switchPlan(
    tx: Tx,
    id: string,
    planUid: string,
    { fact, readFrom }: SubscriptionReading,
    cause: Cause,
  ): Promise<void> {
    const row = await this.subscriptions.lock(tx, id);
    if (row === undefined || row.planUid === planUid || row.status === 'canceled') return;
    const names = await this.references.names(tx, row, fact.providerCustomerId, [planUid]);
    const changes = this.writer.changesTo(row, names, cause);
    changes.step({
      event: 'subscription.updated',
      patch: { planUid, nextPlanUid: null },
      occurredAt: readFrom,
    });
    await this.writer.write(tx, changes);
  }
}
