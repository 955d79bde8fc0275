import type { PlanFact } from '../../../src/providers/billing.facts.js';
import type { CommandResult, PlanCommand, PlansPort } from '../../../src/providers/billing.ports.js';
import type { Outcome, ProviderCall } from '../../../src/providers/provider.calls.js';
import { ProviderError, unsupported } from '../../../src/providers/provider.errors.js';
import type { OptionalParts, PaymentProvider } from '../../../src/providers/provider.port.js';
import { type Answer, FakeProvider } from './fake.provider.js';

/** How one provider differs from another. */
export interface FakePlanRules {
  /** A changed amount is a new id, and the old one is archived; else plans keep the id that they were given. */
  newIdForAmount: boolean;
  lacksHalfMonth: boolean;
}

/** Plans at a provider in memory: acts once for each operation id. */
export class FakePlans implements PlansPort {
  readonly kept = new Map<string, PlanFact>();
  /** Every mutating call that arrived, by its kind. */
  readonly calls: string[] = [];
  /** For the next mutating calls, first come first served; then `ok`. */
  answers: Answer[] = [];
  /** Runs after a mutating call was acted upon, before it is answered. */
  meanwhile: () => Promise<void> = () => Promise.resolve();
  private readonly commands: PlanCommand[] = [];
  private readonly remembered = new Map<string, CommandResult>();

  constructor(
    private readonly provider: string,
    private readonly rules: FakePlanRules,
  ) {}

  request(command: PlanCommand): ProviderCall['request'] {
    if (
      this.rules.lacksHalfMonth &&
      command.kind === 'create_plan' &&
      command.terms.interval === 'half_month'
    )
      throw unsupported('interval', `half_month is not available at ${this.provider}`);
    if (command.kind === 'update_plan' && command.changed.includes('frequency'))
      throw unsupported('frequency', `cannot be changed at ${this.provider}`);
    return { command: this.commands.push(command) - 1 };
  }

  async run(kind: PlanCommand['kind'], call: ProviderCall): Promise<Outcome<CommandResult>> {
    this.calls.push(kind);
    const answer = this.answers.shift() ?? 'ok';
    if (answer === 'vanished') return { known: false, error: new Error('no answer') };
    if (answer !== 'ok' && answer !== 'lost')
      throw new ProviderError(answer, `refused: ${answer}`, { provider: this.provider });
    const value = this.remembered.get(call.operationId) ?? this.act(call);
    this.remembered.set(call.operationId, value);
    await this.meanwhile();
    return answer === 'ok' ? { known: true, value } : { known: false, error: new Error('no answer') };
  }

  async retrieve(providerPlanId: string): Promise<PlanFact | undefined> {
    return this.kept.get(providerPlanId);
  }

  /** As somebody at the provider's panel does. */
  put(providerPlanId: string, fact: Pick<PlanFact, 'terms'> & Partial<PlanFact>): PlanFact {
    const base = { kind: 'plan', livemode: false, deleted: false } as const;
    const kept: PlanFact = { ...base, ...fact, provider: this.provider, providerPlanId };
    this.kept.set(providerPlanId, kept);
    return kept;
  }

  private act(call: ProviderCall): CommandResult {
    const command = this.commands[Number(call.request.command)];
    if (command === undefined) throw new Error('nobody planned this');
    const fact = this.changed(command);
    return { facts: [fact], madeId: fact.providerPlanId };
  }

  private changed(command: PlanCommand): PlanFact {
    if (command.kind === 'create_plan') {
      const { planId, terms } = command;
      return this.put(this.idFor(planId), { terms, planId, providerProductId: `product_${planId}` });
    }
    const present = this.kept.get(command.target.providerPlanId);
    if (present === undefined)
      throw new ProviderError('not_found', 'no such plan', { provider: this.provider });
    if (command.kind === 'delete_plan')
      return this.put(present.providerPlanId, { ...present, deleted: true });
    const renewed = this.rules.newIdForAmount && command.changed.includes('money');
    if (renewed) this.put(present.providerPlanId, { ...present, deleted: true, planId: undefined });
    const id = renewed ? this.idFor(command.planId) : present.providerPlanId;
    return this.put(id, { ...present, terms: command.terms });
  }

  private idFor(planId: string): string {
    return this.rules.newIdForAmount ? `price_${this.kept.size + 1}` : planId;
  }
}

/** A provider of this name that keeps plans, and does nothing else that matters. */
export function fakePlanProvider(
  name: string,
  rules: FakePlanRules,
): PaymentProvider & Pick<OptionalParts, 'plans'> & { plans: FakePlans } {
  const rest = new FakeProvider();
  return {
    name,
    livemode: false,
    hasWebhookKeys: true,
    capabilities: new Set(['plans']),
    plans: new FakePlans(name, rules),
    sessionRequest: (input) => rest.sessionRequest(input),
    createSession: (call) => rest.createSession(call),
    expireSession: (call, session) => rest.expireSession(call, session),
    retrieve: (ref) => rest.retrieve(ref),
    verify: (request) => rest.verify(request),
    subjectOf: (event) => rest.subjectOf(event),
    mayNeedRead: (event) => rest.mayNeedRead(event),
    factsOf: (event) => rest.factsOf(event),
  };
}
