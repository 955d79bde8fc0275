import type { PlanFact } from '../../billing.facts.js';
import type { CommandResult, PlanCommand, PlansPort } from '../../billing.ports.js';
import type { Json } from '../../json.read.js';
import { ProviderError } from '../../provider.errors.js';
import type { Outcome, ProviderCall } from '../../provider.port.js';
import type { ConektaBillingCalls } from '../conekta.client.js';
import { unusableAnswer } from '../conekta.errors.js';
import { plannedId, writeOf } from '../conekta.request.js';
import { type ConektaPlan, readPlan } from './conekta.plan.read.js';
import { planPath, planRequest } from './conekta.plan.request.js';

type Result = Outcome<CommandResult>;

/** Conekta's clock may be behind ours. */
const CLOCK_SLACK_MS = 600_000;

/** Plans at Conekta, whose ids are ours: what was made or changed is found by its id. */
export class ConektaPlans implements PlansPort {
  constructor(private readonly client: ConektaBillingCalls) {}

  plan(command: PlanCommand): ProviderCall['request'] {
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
    const answer = await this.client.write(writeOf(call));
    return answer.known ? told(readPlan(answer.value)?.fact) : answer;
  }

  /** One that is older is not of this call: Conekta refuses to make it again. */
  private async made(call: ProviderCall): Promise<ConektaPlan | undefined> {
    if (call.sentBefore === undefined) return undefined;
    const from = call.sentBefore.getTime() - CLOCK_SLACK_MS;
    const plan = await this.read(plannedId(call, 'planId'));
    return plan?.createdAt !== undefined && plan.createdAt.getTime() >= from ? plan : undefined;
  }

  /** One that is not there is deleted already; what it was, nobody can say any more. */
  private async delete(call: ProviderCall): Promise<Result> {
    try {
      const answer = await this.client.write(writeOf(call));
      if (!answer.known) return answer;
      const fact = readPlan(answer.value)?.fact;
      return { known: true, value: { facts: fact === undefined ? [] : [{ ...fact, deleted: true }] } };
    } catch (error) {
      if (isNotFound(error)) return { known: true, value: { facts: [] } };
      throw error;
    }
  }

  private async read(planId: string): Promise<ConektaPlan | undefined> {
    let answer: Json;
    try {
      answer = await this.client.read(planPath(planId));
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
    const plan = readPlan(answer);
    if (plan?.fact.providerPlanId !== planId) throw unusableAnswer('not_the_plan');
    return plan;
  }
}

function told(fact: PlanFact | undefined): Result {
  if (fact === undefined) return { known: false, error: unusableAnswer('not_a_plan') };
  return { known: true, value: { facts: [fact], madeId: fact.providerPlanId } };
}

function isNotFound(error: unknown): boolean {
  return error instanceof ProviderError && error.kind === 'not_found';
}
