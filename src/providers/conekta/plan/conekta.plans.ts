import { PLAN_INTERVALS, type PlanFact } from '../../billing.facts.js';
import type { CommandResult, PlanCommand, PlansPort } from '../../billing.ports.js';
import { integerOf, isJson, secondsBefore, textOf, timeOf } from '../../json.read.js';
import {
  andThen,
  known,
  knownOr,
  type Outcome,
  type ProviderCall,
  unlessRefused,
  unlessUnknown,
} from '../../provider.calls.js';
import { CONEKTA, fromConektaAmount } from '../conekta.account.js';
import type { ConektaBillingCalls } from '../conekta.client.js';
import { unusableAnswer } from '../conekta.errors.js';
import { recordedId, writeOf } from '../conekta.request.js';
import { planPath, planRequest } from './conekta.plan.request.js';

type Result = Outcome<CommandResult>;

/** Conekta keeps the ids that we give plans: what was made or changed is found by its id. */
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
    if (made !== undefined) return told(made);
    // Setting the same terms again does no harm.
    return andThen(this.client.write(writeOf(call)), (answer) => told(readPlan(answer)));
  }

  /** One that is older is not of this call: Conekta refuses to make it again. */
  private async made(call: ProviderCall): Promise<PlanFact | undefined> {
    if (call.sentBefore === undefined) return undefined;
    const plan = await this.read(recordedId(call, 'planId'));
    const createdAt = plan?.createdAt?.getTime() ?? -Infinity;
    return createdAt >= secondsBefore(call.sentBefore) * 1000 ? plan?.fact : undefined;
  }

  /** One that is not there is deleted already; what it was, nobody can say any more. */
  private delete(call: ProviderCall): Promise<Result> {
    return unlessRefused<Result>(
      ['not_found'],
      () =>
        andThen(this.client.write(writeOf(call)), (answer) => {
          const fact = readPlan(answer);
          return known({ facts: fact === undefined ? [] : [{ ...fact, deleted: true }] });
        }),
      () => known({ facts: [] }),
    );
  }

  private async read(planId: string): Promise<{ fact: PlanFact; createdAt: Date | undefined } | undefined> {
    const answer = await unlessUnknown(() => this.client.read(planPath(planId)));
    if (answer === undefined) return undefined;
    const fact = readPlan(answer);
    if (fact?.providerPlanId !== planId) throw unusableAnswer('not_the_plan');
    return { fact, createdAt: timeOf(answer.created_at) };
  }
}

function told(fact: PlanFact | undefined): Result {
  return knownOr(fact && { facts: [fact], madeId: fact.providerPlanId }, unusableAnswer('not_a_plan'));
}

/** Undefined for anything but a plan that can be told exactly. */
function readPlan(value: unknown): PlanFact | undefined {
  if (!isJson(value) || value.object !== 'plan') return undefined;
  const [id, interval] = [textOf(value.id), PLAN_INTERVALS.find((one) => one === value.interval)];
  const money = fromConektaAmount(integerOf(value.amount), textOf(value.currency));
  if (id === undefined || interval === undefined || money === undefined) return undefined;
  return {
    kind: 'plan',
    provider: CONEKTA,
    livemode: value.livemode === true,
    providerPlanId: id,
    planId: id,
    terms: {
      name: textOf(value.name) ?? id,
      money,
      interval,
      frequency: positiveOf(value.frequency) ?? 1,
      trialDays: positiveOf(value.trial_period_days) ?? 0,
      expiryCount: positiveOf(value.expiry_count),
      maxRetries: positiveOf(value.max_retries),
      retryDelayHours: positiveOf(value.retry_delay_hours),
    },
    deleted: false,
  };
}

/** Null and 0 stand for none. */
function positiveOf(value: unknown): number | undefined {
  const count = integerOf(value);
  return count !== undefined && count > 0 ? count : undefined;
}
