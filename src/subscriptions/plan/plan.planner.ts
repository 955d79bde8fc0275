import { Injectable } from '@nestjs/common';
import { ServiceError } from '../../kernel/errors.js';
import type { PlanTerms } from '../../providers/billing.facts.js';
import { keepsPlans, type PlanCommand } from '../../providers/billing.ports.js';
import type { PaymentProvider, ProviderCall } from '../../providers/provider.port.js';
import { ProviderRegistry } from '../../providers/provider.registry.js';
import { changedTerms, termsOf } from './plan.js';
import { noPlansAt, withPlans } from './plan.port.js';
import type { PlanRequest } from './plan.requests.js';
import type { PlanRow } from './plan.tables.js';

type Request = ProviderCall['request'];

/** Gives the exact calls that make, change and delete plans. Asks nobody. */
@Injectable()
export class PlanPlanner {
  constructor(private readonly providers: ProviderRegistry) {}

  /**
   * At the first provider that can do it.
   * @throws ServiceError of the first one, when none can: what it lacks by name.
   */
  create({ planId, terms, provider }: PlanRequest): { provider: PaymentProvider; request: Request } {
    const candidates = this.providers.candidates(terms.money.currency, provider);
    const able = candidates.filter(keepsPlans);
    let refusal: ServiceError | undefined;
    for (const candidate of able) {
      try {
        const request = candidate.plans.plan({ kind: 'create_plan', planId, terms });
        return { provider: candidate, request };
      } catch (error) {
        if (!(error instanceof ServiceError)) throw error;
        refusal ??= error;
      }
    }
    throw refusal ?? noPlansAt(candidates.map(({ name }) => name));
  }

  /** Undefined when it has these terms already. @throws ServiceError naming what its provider cannot change. */
  update(plan: PlanRow, terms: PlanTerms): Request | undefined {
    const changed = changedTerms(termsOf(plan), terms);
    if (changed.length === 0) return undefined;
    const target = targetOf(plan);
    return this.plan(plan, { kind: 'update_plan', planId: plan.id, target, terms, changed });
  }

  delete(plan: PlanRow): Request {
    return this.plan(plan, { kind: 'delete_plan', target: targetOf(plan) });
  }

  private plan(plan: PlanRow, command: PlanCommand): Request {
    return withPlans(this.providers.get(plan.provider)).plans.plan(command);
  }
}

function targetOf({ id, providerPlanId, providerProductId }: PlanRow) {
  if (providerPlanId === null) throw new Error(`the provider has not made plan ${id} yet`);
  return { providerPlanId, ...(providerProductId !== null && { providerProductId }) };
}
