import type { PlanFact } from '../../billing.facts.js';
import type { CommandResult, PlanCommand, PlansPort } from '../../billing.ports.js';
import { secondsBefore } from '../../json.read.js';
import {
  andThen,
  known,
  knownOr,
  type Outcome,
  type ProviderCall,
  unlessRefused,
  unlessUnknown,
} from '../../provider.calls.js';
import type { ConektaBillingCalls } from '../conekta.client.js';
import { unusableAnswer } from '../conekta.errors.js';
import { recordedId, writeOf } from '../conekta.request.js';
import { type ConektaPlan, readPlan } from './conekta.plan.read.js';
import { planPath, planRequest } from './conekta.plan.request.js';

type Result = Outcome<CommandResult>;

/** Plans at Conekta, whose ids are ours: what was made or changed is found by its id. */
export class ConektaPlans implements PlansPort {
  constructor(private readonly client: ConektaBillingCalls) {}

  request(command: PlanCommand): ProviderCall['request'] {
    return planRequest(command);
  }

  async retrieve(providerPlanId: string): Promise<PlanFact | undefined> {
    return (await this.read(providerPlanId))?.fact;
  }

  async run(kind: PlanCommand['kind'], call: ProviderCall): Promise<Result> {
    if (kind === 'delete_plan') return this.delete(call);
    const made = kind === 'create_plan' ? await this.made(call) : undefined;
    if (made !== undefined) return told(made.fact);
    // Setting the same terms again does no harm.
    return andThen(this.client.write(writeOf(call)), (answer) => told(readPlan(answer)?.fact));
  }

  /** One that is older is not of this call: Conekta refuses to make it again. */
  private async made(call: ProviderCall): Promise<ConektaPlan | undefined> {
    if (call.sentBefore === undefined) return undefined;
    const plan = await this.read(recordedId(call, 'planId'));
    const createdAt = plan?.createdAt?.getTime() ?? -Infinity;
    return createdAt >= secondsBefore(call.sentBefore) * 1000 ? plan : undefined;
  }

  /** One that is not there is deleted already; what it was, nobody can say any more. */
  private delete(call: ProviderCall): Promise<Result> {
    return unlessRefused<Result>(
      ['not_found'],
      () =>
        andThen(this.client.write(writeOf(call)), (answer) => {
          const fact = readPlan(answer)?.fact;
          return known({ facts: fact === undefined ? [] : [{ ...fact, deleted: true }] });
        }),
      () => known({ facts: [] }),
    );
  }

  private async read(planId: string): Promise<ConektaPlan | undefined> {
    const answer = await unlessUnknown(() => this.client.read(planPath(planId)));
    if (answer === undefined) return undefined;
    const plan = readPlan(answer);
    if (plan?.fact.providerPlanId !== planId) throw unusableAnswer('not_the_plan');
    return plan;
  }
}

function told(fact: PlanFact | undefined): Result {
  return knownOr(fact && { facts: [fact], madeId: fact.providerPlanId }, unusableAnswer('not_a_plan'));
}
