import { Injectable } from '@nestjs/common';
import { Database, type Tx } from '../../database/database.js';
import type { Caller } from '../../http/access/caller.js';
import { readPage } from '../../http/validation/page.dto.js';
import type { Cause } from '../../kernel/applied.js';
import { ServiceError } from '../../kernel/errors.js';
import { Ids } from '../../kernel/ids.js';
import { assertDone } from '../../operations/operation.executor.js';
import { OperationStore } from '../../operations/operation.store.js';
import { type Next, OperationTurn, PATIENCE_MS } from '../../operations/operation.turn.js';
import type { PlanCommand } from '../../providers/billing.ports.js';
import { firstAble, ProviderRegistry } from '../../providers/provider.registry.js';
import { PlanApplier } from './plan.applier.js';
import { type ListPlansDto, type NewPlan, revisedTerms, type UpdatePlanDto } from './plan.dto.js';
import {
  assertVisible,
  changedTerms,
  columnsOf,
  differencesFrom,
  isActive,
  maySeePlan,
  termsOf,
  visiblePlans,
} from './plan.js';
import { PlanStore } from './plan.store.js';
import type { PlanRow } from './plan.tables.js';
import { type PlanList, planResource } from './plan.view.js';

/** A plan as it was asked for. */
interface Done {
  plan: PlanRow;
  /** Its provider was called for it. */
  created: boolean;
}

/**
 * Plans, at their provider and here. Every change throws ServiceError: unknown_outcome (with
 * `details.planId`), operation_in_doubt, provider_rejected, provider_unavailable, and what the provider cannot do by name.
 */
@Injectable()
export class PlansService {
  constructor(
    private readonly database: Database,
    private readonly plans: PlanStore,
    private readonly applier: PlanApplier,
    private readonly operations: OperationStore,
    private readonly providers: ProviderRegistry,
    private readonly turn: OperationTurn,
    private readonly ids: Ids,
  ) {}

  /** Also a deleted one, if no later one has its id. @throws ServiceError not_found. */
  async get(planId: string, caller: Caller): Promise<PlanRow> {
    return assertVisible(await this.plans.latestById(this.database.db, planId), caller);
  }

  /** One that can be subscribed to. @throws ServiceError not_found naming `planId`. */
  async active(planId: string, caller: Caller): Promise<PlanRow> {
    const plan = await this.plans.byId(this.database.db, planId);
    return assertVisible(plan && isActive(plan) ? plan : undefined, caller);
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
   * The plan that a provider's subscription names; one made in its panel is read and gets a row.
   * @returns undefined where the provider knows no such plan, or a call about it is under way.
   * @throws ProviderError when the provider cannot be asked.
   */
  async ensure(provider: string, providerPlanId: string, cause: Cause): Promise<PlanRow | undefined> {
    const known = await this.plans.byProviderPlan(this.database.db, provider, providerPlanId);
    if (known !== undefined) return known;
    const reading = await this.applier.read(provider, providerPlanId);
    await this.database.transaction((tx) => this.applier.apply(tx, reading, cause, true));
    return this.plans.byProviderPlan(this.database.db, provider, providerPlanId);
  }

  /** @throws ServiceError also plan_exists: the id has other terms. */
  create(wanted: NewPlan, caller: Caller): Promise<Done> {
    return this.take(wanted.planId, caller, (tx) => this.decideCreate(tx, wanted, caller));
  }

  /** @throws ServiceError also not_found. */
  async update(planId: string, dto: UpdatePlanDto, caller: Caller): Promise<PlanRow> {
    const { plan: updated } = await this.take(planId, caller, async (tx) => {
      const plan = assertVisible(await this.plans.lockById(tx, planId), caller);
      const earlier = await this.turn.leftBehind(tx, plan.uid);
      if (earlier !== undefined) return earlier;
      const present = termsOf(plan);
      const terms = revisedTerms(dto, present);
      const changed = changedTerms(present, terms);
      if (changed.length === 0) return settled(plan);
      return this.record(tx, plan, { kind: 'update_plan', planId, target: targetOf(plan), terms, changed });
    });
    return updated;
  }

  /** Who has subscribed to it, stays. @throws ServiceError also not_found. */
  async delete(planId: string, caller: Caller): Promise<PlanRow> {
    const { plan: deleted } = await this.take(planId, caller, async (tx) => {
      const found = (await this.plans.lockById(tx, planId)) ?? (await this.plans.latestById(tx, planId));
      const plan = assertVisible(found, caller);
      if (plan.deletedAt !== null) return settled(plan);
      const earlier = await this.turn.leftBehind(tx, plan.uid);
      return earlier ?? this.record(tx, plan, { kind: 'delete_plan', target: targetOf(plan) });
    });
    return deleted;
  }

  private take(planId: string, caller: Caller, decide: (tx: Tx) => Promise<Next<Done>>): Promise<Done> {
    const details = { planId };
    return this.turn.take(
      {
        subject: `plan:${planId}`,
        noun: 'plan',
        details,
        patienceMs: PATIENCE_MS,
        decide,
        settled: (_operation, settlement, isEarlier) => {
          // That an earlier call was refused is no answer to this one.
          if (!isEarlier || settlement.kind !== 'refused') assertDone(settlement, details);
        },
        result: async ([operation]) => {
          const plan = operation && (await this.plans.byUid(this.database.db, operation.subjectId));
          return plan && { plan, created: true };
        },
      },
      `api:${caller.name}`,
    );
  }

  private async decideCreate(tx: Tx, wanted: NewPlan, caller: Caller): Promise<Next<Done>> {
    const { planId, terms } = wanted;
    const present = await this.plans.lockById(tx, planId);
    if (present !== undefined) {
      assertSame(present, wanted, caller);
      const earlier = await this.turn.leftBehind(tx, present.uid);
      // The call that makes it is what is asked for.
      if (earlier?.kind === 'earlier' && earlier.operation.kind === 'create_plan')
        return { kind: 'call', operations: [earlier.operation] };
      return earlier ?? settled(present);
    }
    const command = { kind: 'create_plan', planId, terms } as const;
    const able = this.providers.candidatesWith('plans', terms.money.currency, wanted.provider);
    const { name: provider, livemode } = await firstAble(able, (candidate) => {
      candidate.plans.request(command);
      return candidate;
    });
    const uid = this.ids.next();
    const row = { uid, id: planId, provider, livemode, ...columnsOf(terms), caller: caller.group };
    const plan = await this.plans.insert(tx, row);
    // Somebody else's was inserted meanwhile: now it can be seen.
    return plan ? this.record(tx, plan, command) : this.decideCreate(tx, wanted, caller);
  }

  /** @throws ServiceError naming what its provider cannot do. */
  private async record(tx: Tx, plan: PlanRow, command: PlanCommand): Promise<Next<Done>> {
    const { plans } = this.providers.with(plan.provider, 'plans');
    const operation = await this.operations.prepare(tx, {
      id: this.ids.next(),
      subjectId: plan.uid,
      provider: plan.provider,
      kind: command.kind,
      ...(plan.providerPlanId !== null && { target: plan.providerPlanId }),
      request: { ...plans.request(command) },
    });
    return { kind: 'call', operations: [operation] };
  }
}

function settled(plan: PlanRow): Next<Done> {
  return { kind: 'settled', value: { plan, created: false } };
}

/** @throws ServiceError plan_exists */
function assertSame(plan: PlanRow, { planId, terms, provider }: NewPlan, caller: Caller): void {
  const isTheirs = maySeePlan(caller, plan);
  const elsewhere = provider !== undefined && provider !== plan.provider ? ['provider'] : [];
  const differences = isTheirs ? [...elsewhere, ...differencesFrom(plan, terms)] : [];
  if (isTheirs && differences.length === 0) return;
  const what = differences.length === 0 ? '' : `: ${differences.join(', ')} would be another`;
  throw new ServiceError('plan_exists', `there is a plan ${planId} already${what}`, { planId, differences });
}

function targetOf({ id, providerPlanId, providerProductId }: PlanRow) {
  if (providerPlanId === null) throw new Error(`the provider has not made plan ${id} yet`);
  return { providerPlanId, ...(providerProductId !== null && { providerProductId }) };
}
