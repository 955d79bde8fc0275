import { Injectable } from '@nestjs/common';
import type { Tx } from '../../database/database.js';
import { Ids } from '../../kernel/ids.js';
import type { PlanFact } from '../../providers/billing.facts.js';
import { columnsOf, MADE_AT_PROVIDER } from './plan.js';
import { PlanStore } from './plan.store.js';
import type { PlanRow } from './plan.tables.js';
import { PlanWriter } from './plan.writer.js';

/** Gives plans that were made in the provider's own panel a row here. */
@Injectable()
export class PlanImporter {
  constructor(
    private readonly plans: PlanStore,
    private readonly writer: PlanWriter,
    private readonly ids: Ids,
  ) {}

  /** Undefined when somebody else has just done it. */
  async import(tx: Tx, fact: PlanFact, cause: string): Promise<PlanRow | undefined> {
    const { provider, providerPlanId } = fact;
    const uid = this.ids.next();
    if (!(await this.plans.claimPrice(tx, { provider, providerPlanId, planUid: uid }))) return undefined;
    const row = {
      uid,
      provider,
      livemode: fact.livemode,
      providerPlanId,
      ...columnsOf(fact.terms),
      caller: MADE_AT_PROVIDER,
    };
    // Callers' ids have no colon.
    const plan =
      (await this.plans.insert(tx, { ...row, id: providerPlanId })) ??
      (await this.plans.insert(tx, { ...row, id: `${provider}:${providerPlanId}` }));
    if (plan === undefined) throw new Error(`no id is free for plan ${providerPlanId} of ${provider}`);
    await this.writer.write(tx, plan, fact, cause);
    return plan;
  }
}
