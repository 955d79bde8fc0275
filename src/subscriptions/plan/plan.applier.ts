import { Injectable } from '@nestjs/common';
import type { Tx } from '../../database/database.js';
import { Installation } from '../../database/installation.store.js';
import { type Applied, type Cause, isNewer, OTHER_INSTALLATION } from '../../kernel/applied.js';
import { OperationStore } from '../../operations/operation.store.js';
import type { PlanFact } from '../../providers/billing.facts.js';
import { PlanImporter } from './plan.importer.js';
import { PlanStore } from './plan.store.js';
import type { PlanRow } from './plan.tables.js';
import { isKept, PlanWriter } from './plan.writer.js';

/** What a provider said of a plan. */
export interface PlanReading {
  provider: string;
  providerPlanId: string;
  /** Undefined: it knows no such plan. */
  fact: PlanFact | undefined;
  /** When the provider was asked, by the database's clock. */
  readFrom: Date;
}

/** Applies readings to rows. What our own calls answer does not come this way. */
@Injectable()
export class PlanApplier {
  constructor(
    private readonly plans: PlanStore,
    private readonly operations: OperationStore,
    private readonly importer: PlanImporter,
    private readonly writer: PlanWriter,
    private readonly installation: Installation,
  ) {}

  /** @param wanted somebody subscribes to it: it gets a row even when nobody else can any more. */
  async apply(tx: Tx, reading: PlanReading, cause: Cause, wanted = false): Promise<Applied> {
    if (!wanted && (await this.isAnothers(tx, reading)))
      return { kind: 'ignored', reason: OTHER_INSTALLATION };
    const plan = await this.lock(tx, reading);
    // Its own call is still under way, and its answer says more: another id, or that it is the old price that ended.
    if (plan !== undefined && (await this.operations.unsettledOf(tx, plan.uid)) !== undefined)
      return { kind: 'parked', reason: 'operation_under_way' };
    if (plan === undefined || plan.providerPlanId === null || !(await this.has(tx, plan, reading)))
      return this.applyToUnknown(tx, reading, cause, wanted);
    if (plan.providerPlanId !== reading.providerPlanId)
      return { kind: 'stale', reason: 'a former price of the plan' };
    return this.applyToKnown(tx, plan, reading, cause);
  }

  /** Plans are named by their callers: another installation on the account may have one of the same name. */
  private async isAnothers(tx: Tx, { provider, providerPlanId, fact }: PlanReading): Promise<boolean> {
    const installationId = fact?.installationId;
    if (installationId === undefined || (await this.installation.isOurs(tx, installationId))) return false;
    return (await this.plans.byProviderPlan(tx, provider, providerPlanId)) === undefined;
  }

  /** By the provider's id; else the plan whose id it carries, which may be about to get this id. */
  private async lock(tx: Tx, { provider, providerPlanId, fact }: PlanReading): Promise<PlanRow | undefined> {
    const known = await this.plans.byProviderPlan(tx, provider, providerPlanId);
    if (known !== undefined) return this.plans.lock(tx, known.uid);
    const named = fact?.planId === undefined ? undefined : await this.plans.lockById(tx, fact.planId);
    return named?.provider === provider ? named : undefined;
  }

  private async has(tx: Tx, plan: PlanRow, { provider, providerPlanId }: PlanReading): Promise<boolean> {
    return (await this.plans.byProviderPlan(tx, provider, providerPlanId))?.uid === plan.uid;
  }

  private async applyToUnknown(
    tx: Tx,
    { fact }: PlanReading,
    cause: Cause,
    wanted: boolean,
  ): Promise<Applied> {
    if (fact === undefined) return { kind: 'ignored', reason: 'no plan' };
    if (fact.deleted && !wanted) return { kind: 'ignored', reason: 'a plan that nobody had, and nobody can' };
    const plan = await this.importer.import(tx, fact, cause);
    if (plan === undefined) return { kind: 'parked', reason: 'read_overtaken' };
    return { kind: 'applied', id: plan.uid };
  }

  private async applyToKnown(
    tx: Tx,
    plan: PlanRow,
    { fact, readFrom }: PlanReading,
    cause: Cause,
  ): Promise<Applied> {
    const kept = fact === undefined ? plan.deletedAt !== null : isKept(plan, fact);
    if (!isNewer(readFrom, plan.confirmedAt))
      return kept ? { kind: 'stale', reason: 'known' } : { kind: 'parked', reason: 'read_overtaken' };
    if (fact === undefined) await this.writer.end(tx, plan, cause);
    else {
      if (fact.livemode !== plan.livemode) return { kind: 'conflict', reason: 'another mode than the plan' };
      const revived = plan.deletedAt !== null && !fact.deleted;
      if (revived && (await this.plans.byId(tx, plan.id)) !== undefined)
        return { kind: 'conflict', reason: `a deleted plan is back, and ${plan.id} is another one now` };
      await this.writer.write(tx, plan, fact, cause);
    }
    return kept ? { kind: 'stale', reason: 'known' } : { kind: 'applied', id: plan.uid };
  }
}
