import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.js';
import type { Caller } from '../../http/access/caller.js';
import { readPage } from '../../http/validation/page.dto.js';
import type { Cause } from '../../kernel/applied.js';
import type { ListPlansDto } from './list-plans.dto.js';
import { assertVisible, visiblePlans } from './plan.access.js';
import { isActive } from './plan.js';
import { PlanStore } from './plan.store.js';
import type { PlanRow } from './plan.tables.js';
import { PlanTruth } from './plan.truth.js';
import { type PlanList, planResource } from './plan.view.js';

/** Finds plans, for callers and for subscriptions. */
@Injectable()
export class PlansService {
  constructor(
    private readonly database: Database,
    private readonly plans: PlanStore,
    private readonly truth: PlanTruth,
  ) {}

  /** Also one that is deleted, if no later one has its id. @throws ServiceError not_found. */
  async get(planId: string, caller: Caller): Promise<PlanRow> {
    return assertVisible(await this.plans.latestById(this.database.db, planId), caller);
  }

  /** One that can be subscribed to. @throws ServiceError not_found naming `planId`. */
  async active(planId: string, caller: Caller): Promise<PlanRow> {
    const plan = assertVisible(await this.plans.byId(this.database.db, planId), caller);
    return assertVisible(isActive(plan) ? plan : undefined, caller);
  }

  /** Newest first. */
  async list(query: ListPlansDto, caller: Caller): Promise<PlanList> {
    const filter = { provider: query.provider, callers: visiblePlans(caller) };
    const { rows, nextCursor } = await readPage(
      query,
      (bounds) => this.plans.list(this.database.db, { ...filter, ...bounds }),
      ({ uid }) => uid,
    );
    return { data: rows.map(planResource), nextCursor };
  }

  /**
   * The plan that a provider's subscription names; one that was made in its panel is read and gets a row.
   * Undefined: the provider knows no such plan, or a call about it is still under way.
   * @throws ProviderError when the provider cannot be asked.
   */
  async ensure(provider: string, providerPlanId: string, cause: Cause): Promise<PlanRow | undefined> {
    const known = await this.plans.byProviderPlan(this.database.db, provider, providerPlanId);
    if (known !== undefined) return known;
    const reading = await this.truth.read(provider, providerPlanId);
    await this.database.transaction((tx) => this.truth.adopt(tx, reading, cause));
    return this.plans.byProviderPlan(this.database.db, provider, providerPlanId);
  }
}
