import { Injectable } from '@nestjs/common';
import type { Tx } from '../../database/database.js';
import { type Applied, type Cause, changedOnly, isNewer } from '../../kernel/applied.js';
import { FactReferencesReader } from './fact.references.js';
import { nextCheckOf } from './next.check.js';
import { type Cycle, PeriodBook } from '../cycle/period.book.js';
import { SubscriptionWriter } from '../subscription/subscription.changes.js';
import { isRejected, type SubscriptionReading, statusVerdict } from '../subscription/subscription.js';
import { SubscriptionStore } from '../subscription/subscription.store.js';
import { SubscriptionFinder } from './subscription.finder.js';
import { agreedBy, collectionBy, datesBy, type FactReferences } from './subscription.reading.js';
import { onceKeysOf, type Standing, stepsOf } from './subscription.steps.js';
import type { SubscriptionRow } from '../subscription/subscription.tables.js';

/** The one way in which what a provider says moves a subscription: makes what is kept equal to it, and tells of it. */
@Injectable()
export class SubscriptionFactApplier {
  constructor(
    private readonly finder: SubscriptionFinder,
    private readonly references: FactReferencesReader,
    private readonly periods: PeriodBook,
    private readonly subscriptions: SubscriptionStore,
    private readonly writer: SubscriptionWriter,
  ) {}

  /** What the reading names has been read before, by FactReferencesReader.ensure. */
  async apply(tx: Tx, reading: SubscriptionReading, cause: Cause): Promise<Applied> {
    const { fact, readFrom } = reading;
    const found = await this.finder.find(tx, fact);
    if (found.kind !== 'found') return found;
    const { row } = found;
    const references = await this.references.of(tx, row, fact);
    if (references === undefined) return { kind: 'parked', reason: 'plan_unknown' };
    if (!isNewer(readFrom, row.confirmedAt)) {
      const known = await this.periods.known(tx, row, reading);
      const kept = known !== undefined && (await this.isKept(tx, row, reading, references, known));
      if (kept) return { kind: 'stale', reason: 'overtaken, and says what is kept' };
      return { kind: 'parked', reason: 'read_overtaken' };
    }
    if (isRejected(row) && (fact.status === 'incomplete' || fact.status === 'canceled')) {
      return { kind: 'ignored', reason: 'it never began' };
    }
    if (statusVerdict(row.status, fact.status) === 'conflict') {
      return { kind: 'conflict', reason: `${fact.status} after ${row.status}` };
    }
    const cycles = await this.periods.keep(tx, row, references.runningPlan, reading, cause);
    return this.write(tx, await this.standing(tx, row, reading, references, cycles), cause);
  }

  /** A change of plan at once: what is read cannot tell it from one that waits for the next cycle. */
  async switchPlan(
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
    const patch = { planUid, nextPlanUid: null };
    changes.step({ event: 'subscription.updated', patch, occurredAt: readFrom });
    await this.writer.write(tx, changes);
  }

  private async write(tx: Tx, standing: Standing, cause: Cause): Promise<Applied> {
    const { row, reading, references } = standing;
    const { fact, readFrom } = reading;
    const names = await this.references.names(tx, row, fact.providerCustomerId, [references.plan.uid]);
    const changes = this.writer.changesTo(row, names, cause);
    const collection = collectionBy(row, fact, references);
    changes.learn({ ...datesBy(row, fact, readFrom), hostedInvoiceUrl: collection.hostedInvoiceUrl });
    for (const step of stepsOf(standing)) changes.step(step);
    changes.learn({ ...agreedBy(fact, references), ...collection });
    const isBilled = await this.periods.isBilled(tx, row, reading);
    changes.learn({ nextCheckAt: nextCheckOf(changes.row, readFrom, isBilled) });
    if (Object.keys(changedOnly(row, changes.row)).length > 0) await this.writer.write(tx, changes);
    await this.subscriptions.confirm(tx, row.id);
    return changes.isEmpty ? { kind: 'stale', reason: 'says what is kept' } : { kind: 'applied', id: row.id };
  }

  private async isKept(
    tx: Tx,
    row: SubscriptionRow,
    reading: SubscriptionReading,
    references: FactReferences,
    cycles: readonly Cycle[],
  ): Promise<boolean> {
    const { fact, readFrom } = reading;
    const standing = await this.standing(tx, row, reading, references, cycles);
    const told = { ...datesBy(row, fact, readFrom), ...agreedBy(fact, references), status: fact.status };
    return stepsOf(standing).length === 0 && Object.keys(changedOnly(row, told)).length === 0;
  }

  private async standing(
    tx: Tx,
    row: SubscriptionRow,
    reading: SubscriptionReading,
    references: FactReferences,
    cycles: readonly Cycle[],
  ): Promise<Standing> {
    return {
      row,
      reading,
      references,
      cycles,
      happened: await this.subscriptions.happened(tx, row.id, onceKeysOf(reading.fact)),
      activated: await this.subscriptions.wasAnnounced(tx, row.id, 'subscription.activated'),
    };
  }
}
