import { pick } from '../../kernel/pick.js';
import type { PlanInterval } from '../../providers/billing.facts.js';
import { isActive } from './plan.js';
import type { PlanRow } from './plan.tables.js';

/** A plan as REST and NATS answer it. */
export class PlanResource {
  planId!: string;
  provider!: string;
  livemode!: boolean;
  name!: string;
  /** Of one cycle, a JSON integer in minor units (ISO 4217). */
  amount!: number;
  /** ISO 4217, upper case. */
  currency!: string;
  interval!: PlanInterval;
  /** Intervals that make one cycle. */
  frequency!: number;
  /** Days before the first charge. */
  trialDays!: number;
  /** Cycles that are charged; null: without end. */
  expiryCount!: number | null;
  /** Tries after the first one of a cycle failed; null: as the provider does. */
  maxRetries!: number | null;
  /** Hours between two tries; null: as the provider does. */
  retryDelayHours!: number | null;
  providerIds!: { plan: string | null; product: string | null };
  /** One can subscribe to it. False: the provider has not made it yet, or it is deleted. */
  active!: boolean;
  createdAt!: string;
  updatedAt!: string;
}

export class PlanList {
  data!: PlanResource[];
  /** Hand it back as `cursor` for the next page; null on the last one. */
  nextCursor!: string | null;
}

export function planResource(plan: PlanRow): PlanResource {
  return {
    planId: plan.id,
    ...pick(plan, 'provider', 'livemode', 'name'),
    amount: Number(plan.amount),
    ...pick(plan, 'currency', 'interval', 'frequency', 'trialDays'),
    ...pick(plan, 'expiryCount', 'maxRetries', 'retryDelayHours'),
    providerIds: { plan: plan.providerPlanId, product: plan.providerProductId },
    active: isActive(plan),
    createdAt: plan.createdAt.toISOString(),
    updatedAt: plan.updatedAt.toISOString(),
  };
}
