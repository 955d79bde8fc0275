import { Injectable } from '@nestjs/common';
import type { Tx } from '../../database/database.js';
import { DatabaseClock } from '../../database/database.clock.js';
import type { Applied, Cause } from '../../kernel/applied.js';
import { ProviderRegistry } from '../../providers/provider.registry.js';
import { PlanApplier, type PlanReading } from './plan.applier.js';
import { withPlans } from './plan.port.js';

/** Asks a provider what is true of a plan now, and applies it. */
@Injectable()
export class PlanTruth {
  constructor(
    private readonly clock: DatabaseClock,
    private readonly providers: ProviderRegistry,
    private readonly applier: PlanApplier,
  ) {}

  /** @throws ProviderError when the provider cannot be asked. */
  async read(provider: string, providerPlanId: string): Promise<PlanReading> {
    const { plans } = withPlans(this.providers.get(provider));
    const readFrom = await this.clock.now();
    return { provider, providerPlanId, fact: await plans.retrieve(providerPlanId), readFrom };
  }

  /** A reading that another one overtook is parked: read again. */
  apply(tx: Tx, reading: PlanReading, cause: Cause): Promise<Applied> {
    return this.applier.apply(tx, reading, cause);
  }

  /** The same for a plan that somebody subscribes to: it gets a row even when it is deleted. */
  adopt(tx: Tx, reading: PlanReading, cause: Cause): Promise<Applied> {
    return this.applier.apply(tx, reading, cause, true);
  }
}
