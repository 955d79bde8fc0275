import { Injectable, Logger } from '@nestjs/common';
import { DatabaseClock, Installation } from '../../database/service.store.js';
import type { Tx } from '../../database/database.js';
import { type Applied, OTHER_INSTALLATION, type Cause, changedOnly, isNewer } from '../../kernel/applied.js';
import { Ids } from '../../kernel/ids.js';
import { OperationStore } from '../../operations/operation.store.js';
import type { PlanFact } from '../../providers/billing.facts.js';
import { ProviderRegistry } from '../../providers/provider.registry.js';
import { columnsOf, MADE_AT_PROVIDER } from './plan.js';
import { PlanStore } from './plan.store.js';
import type { PlanRow } from './plan.tables.js';

export interface PlanReading {
  provider: string;
  providerPlanId: string;
  /** Undefined: it knows no such plan. */
  fact: PlanFact | undefined;
  /** When the provider was asked, by the database's clock. */
  readFrom: Date;
}

/** Reads plans at their provider, and makes what is kept of them equal to what it says. */
@Injectable()
export class PlanApplier {
  private readonly logger = new Logger(PlanApplier.name);

  constructor(
    private readonly plans: PlanStore,
    private readonly operations: OperationStore,
    private readonly providers: ProviderRegistry,
    private readonly installation: Installation,
    private readonly clock: DatabaseClock,
    private readonly ids: Ids,
  ) {}

  /** Outside any transaction. @throws ProviderError when the provider cannot be asked. */
  async read(provider: string, providerPlanId: string): Promise<PlanReading> {
    const { plans } = this.providers.with(provider, 'plans');
    const readFrom = await this.clock.now();
    return { provider, providerPlanId, fact: await plans.retrieve(providerPlanId), readFrom };
  }

  /**
   * Answers of our own calls do not come this way. `parked`: overtaken; read again.
   * @param wanted somebody subscribes to it: it gets a row even if it is deleted.
   */
  async apply(tx: Tx, reading: PlanReading, cause: Cause, wanted = false): Promise<Applied> {
    if (!wanted && (await this.isAnothers(tx, reading)))
      return { kind: 'ignored', reason: OTHER_INSTALLATION };
    const plan = await this.lock(tx, reading);
    // The answer of its own call says more: another id, or that the old price ended.
    if (plan !== undefined && (await this.operations.unsettledOf(tx, plan.uid)) !== undefined)
      return { kind: 'parked', reason: 'operation_under_way' };
    const isKnown = plan !== undefined && plan.providerPlanId !== null;
    if (!isKnown || (await this.known(tx, reading))?.uid !== plan.uid)
      return this.adopt(tx, reading, cause, wanted);
    if (plan.providerPlanId !== reading.providerPlanId)
      return { kind: 'stale', reason: 'a former price of the plan' };
    return this.applyTo(tx, plan, reading, cause);
  }

  /** The newest word about a locked plan. */
  async write(tx: Tx, plan: PlanRow, fact: PlanFact, cause: Cause): Promise<void> {
    const changes = differences(plan, fact);
    if (fact.deleted) await this.end(tx, plan, cause);
    if (Object.keys(changes).length > 0) {
      await this.plans.update(tx, plan.uid, changes);
      this.logger.log(`plan ${plan.id} changed in ${Object.keys(changes).join(', ')} (${cause})`);
    }
    await this.plans.confirm(tx, plan.uid);
  }

  async end(tx: Tx, plan: PlanRow, cause: Cause): Promise<void> {
    if (plan.deletedAt === null) {
      await this.plans.markDeleted(tx, plan.uid);
      this.logger.log(`plan ${plan.id} is deleted (${cause})`);
    }
    await this.plans.confirm(tx, plan.uid);
  }

  private known(tx: Tx, { provider, providerPlanId }: PlanReading): Promise<PlanRow | undefined> {
    return this.plans.byProviderPlan(tx, provider, providerPlanId);
  }

  /** Plans are named by their callers: another installation on the account may have one of the same name. */
  private async isAnothers(tx: Tx, reading: PlanReading): Promise<boolean> {
    const installationId = reading.fact?.installationId;
    if (installationId === undefined || (await this.installation.isOurs(tx, installationId))) return false;
    return (await this.known(tx, reading)) === undefined;
  }

  /** By the provider's id; else the plan that it names, which may be about to get this id. */
  private async lock(tx: Tx, reading: PlanReading): Promise<PlanRow | undefined> {
    const known = await this.known(tx, reading);
    if (known !== undefined) return this.plans.lock(tx, known.uid);
    const { provider, fact } = reading;
    const named = fact?.planId === undefined ? undefined : await this.plans.lockById(tx, fact.planId);
    return named?.provider === provider ? named : undefined;
  }

  /** One that was made in the provider's own panel gets a row. */
  private async adopt(tx: Tx, { fact }: PlanReading, cause: Cause, wanted: boolean): Promise<Applied> {
    if (fact === undefined) return { kind: 'ignored', reason: 'no plan' };
    if (fact.deleted && !wanted) return { kind: 'ignored', reason: 'a plan that nobody had, and nobody can' };
    const { provider, providerPlanId, livemode } = fact;
    const uid = this.ids.next();
    if (!(await this.plans.claimPrice(tx, { provider, providerPlanId, planUid: uid })))
      return { kind: 'parked', reason: 'read_overtaken' };
    const terms = columnsOf(fact.terms);
    const row = { uid, provider, livemode, providerPlanId, ...terms, caller: MADE_AT_PROVIDER };
    // Callers' ids have no colon.
    const plan =
      (await this.plans.insert(tx, { ...row, id: providerPlanId })) ??
      (await this.plans.insert(tx, { ...row, id: `${provider}:${providerPlanId}` }));
    if (plan === undefined) throw new Error(`no id is free for plan ${providerPlanId} of ${provider}`);
    await this.write(tx, plan, fact, cause);
    return { kind: 'applied', id: uid };
  }

  private async applyTo(tx: Tx, plan: PlanRow, reading: PlanReading, cause: Cause): Promise<Applied> {
    const { fact, readFrom } = reading;
    const kept = fact === undefined ? plan.deletedAt !== null : isKept(plan, fact);
    if (!isNewer(readFrom, plan.confirmedAt))
      return kept ? { kind: 'stale', reason: 'known' } : { kind: 'parked', reason: 'read_overtaken' };
    if (fact === undefined) await this.end(tx, plan, cause);
    else {
      if (fact.livemode !== plan.livemode) return { kind: 'conflict', reason: 'another mode than the plan' };
      const revived = plan.deletedAt !== null && !fact.deleted;
      if (revived && (await this.plans.byId(tx, plan.id)) !== undefined)
        return { kind: 'conflict', reason: `a deleted plan is back, and ${plan.id} is another one now` };
      await this.write(tx, plan, fact, cause);
    }
    return kept ? { kind: 'stale', reason: 'known' } : { kind: 'applied', id: plan.uid };
  }
}

/** What the provider says otherwise than the row; of its deletion only that it was undone. */
function differences(plan: PlanRow, fact: PlanFact): Partial<PlanRow> {
  return changedOnly(plan, {
    ...columnsOf(fact.terms),
    providerPlanId: fact.providerPlanId,
    providerProductId: fact.providerProductId ?? plan.providerProductId,
    ...(!fact.deleted && { deletedAt: null }),
  });
}

function isKept(plan: PlanRow, fact: PlanFact): boolean {
  return Object.keys(differences(plan, fact)).length === 0 && fact.deleted === (plan.deletedAt !== null);
}
