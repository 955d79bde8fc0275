import { Injectable, Logger } from '@nestjs/common';
import type { Tx } from '../../database/database.js';
import type { Cause } from '../../kernel/applied.js';
import type { PlanFact } from '../../providers/billing.facts.js';
import { columnsOf } from './plan.js';
import { type NewPlanRow, PlanStore } from './plan.store.js';
import type { PlanRow } from './plan.tables.js';

/** Makes what is kept of a plan equal to what its provider says, under the row's lock. */
@Injectable()
export class PlanWriter {
  private readonly logger = new Logger(PlanWriter.name);

  constructor(private readonly plans: PlanStore) {}

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
}

/** What of a row the provider says otherwise; whether it is deleted is not among it, unless it is sold again. */
export function differences(plan: PlanRow, fact: PlanFact): Partial<NewPlanRow> {
  const said: Partial<PlanRow> = {
    ...columnsOf(fact.terms),
    providerPlanId: fact.providerPlanId,
    providerProductId: fact.providerProductId ?? plan.providerProductId,
    ...(!fact.deleted && { deletedAt: null }),
  };
  const kept = new Map<string, unknown>(Object.entries(plan));
  return Object.fromEntries(Object.entries(said).filter(([name, value]) => kept.get(name) !== value));
}

/** It says nothing that is not kept. */
export function isKept(plan: PlanRow, fact: PlanFact): boolean {
  return Object.keys(differences(plan, fact)).length === 0 && fact.deleted === (plan.deletedAt !== null);
}
