import { randomUUID } from 'node:crypto';
import type {
  CancelReason,
  PlanTerms,
  SubscriptionFact,
  SubscriptionPeriod,
  SubscriptionStatus,
  SubscriptionSubject,
} from '../../../src/providers/billing.facts.js';
import type {
  CommandResult,
  CompleteSubject,
  SubscriptionCommand,
  SubscriptionsPort,
} from '../../../src/providers/billing.ports.js';
import type { PaymentFact } from '../../../src/providers/facts.js';
import type { Outcome, ProviderCall } from '../../../src/providers/provider.calls.js';
import { ProviderError } from '../../../src/providers/provider.errors.js';
import type { Answer } from './fake.provider.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const MAX_RETRIES = 3;
/** Its clock may be behind ours. */
const SLACK_MS = 600_000;

/** A subscription as the provider has it; tests play the provider's panel and its clock on it. */
export interface FakeSubscription {
  id: string;
  customerId: string;
  /** Ours, where the provider keeps it. */
  ours: string | undefined;
  status: SubscriptionStatus;
  cancelReason?: CancelReason | undefined;
  planId: string;
  /** What the running cycle is charged by. */
  running: PlanTerms;
  sourceId?: string | undefined;
  createdAt: Date;
  trialEnd?: Date | undefined;
  periodStart?: Date | undefined;
  periodEnd?: Date | undefined;
  cancelAtPeriodEnd: boolean;
  /** What its panel was told; commands leave none here, as at a provider that has no place for it. */
  cancelComment?: string | undefined;
  pausedAt?: Date | undefined;
  canceledAt?: Date | undefined;
  periods: SubscriptionPeriod[];
  /** The bank declines its card. */
  declines: boolean;
  /** A cycle has begun, and its bill is still being written. */
  drafted: boolean;
  retryAt?: Date | undefined;
}

export interface FakeSubscriptionRules {
  /** Facts carry our id. */
  keepsOurId: boolean;
  /** A cycle is charged a while after it has begun. */
  drafts: boolean;
  /** Bills tell when they are tried again. */
  tellsRetries: boolean;
}

/** Subscriptions at a provider in memory, with a clock of their own: acts once for each operation id. */
export class FakeSubscriptions implements SubscriptionsPort {
  now = new Date();
  readonly kept: FakeSubscription[] = [];
  /** Every mutating call that arrived, by its kind. */
  readonly calls: string[] = [];
  /** What its events would be about, oldest first. */
  readonly events: SubscriptionSubject[] = [];
  /** For the next mutating calls, first come first served; then `ok`. */
  answers: Answer[] = [];
  /** Runs when a mutating call has acted and was read, before its answer is here. */
  meanwhile: () => Promise<void> = () => Promise.resolve();
  rules: FakeSubscriptionRules = { keepsOurId: false, drafts: false, tellsRetries: false };
  private readonly commands: SubscriptionCommand[] = [];
  private readonly done = new Map<string, string>();

  /** @param terms of a plan, by its id at the provider. */
  constructor(
    private readonly provider: string,
    private readonly terms: (providerPlanId: string) => PlanTerms,
  ) {}

  /** What a test has done; commands that were recorded can still be made. */
  forget(): void {
    this.kept.length = 0;
    this.calls.length = 0;
    this.events.length = 0;
    this.answers = [];
    this.meanwhile = () => Promise.resolve();
  }

  request(command: SubscriptionCommand): ProviderCall['request'] {
    return { command: this.commands.push(command) - 1 };
  }

  async run(kind: SubscriptionCommand['kind'], call: ProviderCall): Promise<Outcome<CommandResult>> {
    this.calls.push(kind);
    const answer = this.answers.shift() ?? 'ok';
    if (answer === 'vanished') return { known: false, error: new Error('no answer') };
    if (answer !== 'ok' && answer !== 'lost') throw this.refusal(answer);
    const id = this.done.get(call.operationId) ?? this.act(call);
    this.done.set(call.operationId, id);
    const facts = [this.fact(this.get(id), [])];
    await this.meanwhile();
    if (answer === 'lost') return { known: false, error: new Error('no answer') };
    return { known: true, value: { facts, madeId: id } };
  }

  async retrieve({
    providerSubscriptionId,
    periodIds,
    since,
  }: Pick<CompleteSubject, 'providerSubscriptionId' | 'periodIds' | 'since'>): Promise<SubscriptionFact> {
    const one = this.get(providerSubscriptionId);
    const from = since === undefined ? Infinity : since.getTime() - SLACK_MS;
    const unheard = one.periods.filter(({ start }) => start !== undefined && start.getTime() >= from);
    return this.fact(one, [...periodIds, ...unheard.map(({ periodId }) => periodId)]);
  }

  /** As a provider does that keeps subscriptions with their customer. */
  dropAllOf(customerId: string): void {
    const theirs = this.kept.filter((one) => one.customerId === customerId);
    for (const one of theirs) if (one.status !== 'canceled') this.end(one, 'requested');
    this.kept.splice(0, this.kept.length, ...this.kept.filter((one) => one.customerId !== customerId));
  }

  get(id: string): FakeSubscription {
    const found = this.kept.find((one) => one.id === id);
    if (found === undefined) throw this.refusal('not_found');
    return found;
  }

  /** As somebody at the provider's panel does, or a command of ours. */
  subscribe(
    customerId: string,
    planId: string,
    more: Partial<Pick<FakeSubscription, 'ours' | 'sourceId' | 'trialEnd' | 'declines'>> = {},
  ): FakeSubscription {
    const terms = this.terms(planId);
    const trial = terms.trialDays > 0 ? new Date(this.now.getTime() + terms.trialDays * DAY_MS) : undefined;
    const made: FakeSubscription = {
      id: `sub_${randomUUID()}`,
      customerId,
      ours: undefined,
      status: 'in_trial',
      planId,
      running: terms,
      createdAt: this.now,
      trialEnd: trial,
      cancelAtPeriodEnd: false,
      periods: [],
      declines: false,
      drafted: false,
      ...more,
    };
    this.kept.push(made);
    this.emit(made);
    if (made.trialEnd === undefined) this.startCycle(made);
    return made;
  }

  /** Moves the clock to what is due next of it, if anything is. */
  passTime(one: FakeSubscription): void {
    if (one.status === 'paused' || one.status === 'canceled') return;
    if (one.drafted) return this.bill(one);
    const due =
      one.status === 'in_trial' ? one.trialEnd : one.status === 'past_due' ? one.retryAt : one.periodEnd;
    if (due !== undefined && due > this.now) this.now = due;
    if (one.status === 'past_due') return this.charge(one);
    if (one.cancelAtPeriodEnd) return this.end(one, 'requested');
    this.startCycle(one);
  }

  announceTrialEnd(one: FakeSubscription): void {
    if (one.status === 'in_trial') this.emit(one, [], true);
  }

  changePlan(one: FakeSubscription, planId: string, now = false): void {
    one.planId = planId;
    if (now || one.status === 'in_trial') one.running = this.terms(planId);
    this.emit(one);
  }

  changeCard(one: FakeSubscription, sourceId: string): void {
    one.sourceId = sourceId;
    this.emit(one);
  }

  pause(one: FakeSubscription): void {
    if (one.status !== 'active') throw this.refusal('invalid_request');
    Object.assign(one, { status: 'paused', pausedAt: this.now });
    this.emit(one);
  }

  resume(one: FakeSubscription): void {
    if (one.status !== 'paused') throw this.refusal('invalid_request');
    Object.assign(one, { status: 'active', pausedAt: undefined });
    this.emit(one);
  }

  /** Charges what is not paid, at once. */
  retry(one: FakeSubscription): void {
    if (one.status !== 'past_due') throw this.refusal('invalid_request');
    this.charge(one);
  }

  cancel(one: FakeSubscription, atPeriodEnd: boolean): void {
    if (one.status === 'canceled') throw this.refusal('invalid_request');
    if (!atPeriodEnd) return this.end(one, 'requested');
    one.cancelAtPeriodEnd = true;
    this.emit(one);
  }

  undoCancel(one: FakeSubscription): void {
    if (one.status === 'canceled') throw this.refusal('invalid_request');
    one.cancelAtPeriodEnd = false;
    this.emit(one);
  }

  fact(one: FakeSubscription, periodIds: readonly string[]): SubscriptionFact {
    const latest = one.periods.at(-1)?.periodId;
    const told = one.periods.filter(({ periodId }) => periodId === latest || periodIds.includes(periodId));
    return {
      kind: 'subscription',
      provider: this.provider,
      livemode: false,
      providerSubscriptionId: one.id,
      providerCustomerId: one.customerId,
      subscriptionId: this.rules.keepsOurId ? one.ours : undefined,
      status: one.status,
      cancelReason: one.cancelReason,
      providerPlanId: one.planId,
      providerSourceId: one.sourceId,
      createdAt: one.createdAt,
      trialEnd: one.trialEnd,
      periodStart: one.periodStart,
      periodEnd: one.periodEnd,
      cancelAtPeriodEnd: one.cancelAtPeriodEnd,
      cancelComment: one.cancelComment,
      pausedAt: one.pausedAt,
      canceledAt: one.canceledAt,
      periods: told,
    };
  }

  private act(call: ProviderCall): string {
    const command = this.commands[Number(call.request.command)];
    if (command === undefined) throw new Error('nobody planned this');
    if (command.kind === 'create_subscription') {
      const {
        providerCustomerId,
        providerPlanId,
        subscriptionId: ours,
        providerSourceId: sourceId,
      } = command;
      const trial = command.trialEnd === undefined ? {} : { trialEnd: command.trialEnd };
      return this.subscribe(providerCustomerId, providerPlanId, { ours, sourceId, ...trial }).id;
    }
    const one = this.get(command.target.providerSubscriptionId);
    if (command.kind === 'change_plan') {
      this.changePlan(one, command.providerPlanId, command.timing === 'immediately');
    } else if (command.kind === 'change_card') this.changeCard(one, command.providerSourceId);
    else if (command.kind === 'pause_subscription') this.pause(one);
    else if (command.kind === 'resume_subscription') this.resume(one);
    else if (command.kind === 'retry_subscription') this.retry(one);
    else if (command.kind === 'undo_cancel_subscription') this.undoCancel(one);
    else this.cancel(one, command.atPeriodEnd);
    return one.id;
  }

  private startCycle(one: FakeSubscription): void {
    one.running = this.terms(one.planId);
    one.periodStart = this.now;
    one.periodEnd = new Date(this.now.getTime() + 30 * DAY_MS);
    one.status = 'active';
    one.drafted = this.rules.drafts;
    if (one.drafted) this.emit(one);
    else this.bill(one);
  }

  private bill(one: FakeSubscription): void {
    one.drafted = false;
    const periodId = `bill_${randomUUID()}`;
    one.periods.push({
      periodId,
      start: one.periodStart,
      end: one.periodEnd,
      money: one.running.money,
      failures: [],
      providerPaymentId: `pay_${periodId}`,
      payment: [],
    });
    this.charge(one);
  }

  private charge(one: FakeSubscription): void {
    const period = one.periods.at(-1);
    if (period === undefined) throw new Error('no cycle has begun');
    const chargeId = `ch_${randomUUID()}`;
    if (one.declines) this.decline(one, period, chargeId);
    else {
      const payment = [...period.payment, this.paymentFact(period, 'succeeded', chargeId)];
      this.rewrite(one, { ...period, paidAt: this.now, nextAttemptAt: undefined, payment });
      one.status = 'active';
      one.retryAt = undefined;
    }
    this.emit(one, [period.periodId]);
    const { failures } = one.periods.at(-1) ?? period;
    if (one.declines && failures.length > MAX_RETRIES) this.end(one, 'payment_failed');
  }

  private decline(one: FakeSubscription, period: SubscriptionPeriod, attemptId: string): void {
    const retryAt = new Date(this.now.getTime() + 50 * HOUR_MS);
    const failures = [...period.failures, { attemptId, at: this.now, reason: 'insufficient_funds' }];
    const payment = [...period.payment, this.paymentFact(period, 'attempt_failed', attemptId)];
    const nextAttemptAt = this.rules.tellsRetries && failures.length <= MAX_RETRIES ? retryAt : undefined;
    this.rewrite(one, { ...period, failures, payment, nextAttemptAt });
    one.status = 'past_due';
    one.retryAt = retryAt;
  }

  private rewrite(one: FakeSubscription, period: SubscriptionPeriod): void {
    one.periods = [...one.periods.slice(0, -1), period];
  }

  private paymentFact(
    { providerPaymentId, money }: SubscriptionPeriod,
    name: 'succeeded' | 'attempt_failed',
    chargeId: string,
  ): PaymentFact {
    return {
      kind: 'payment',
      name,
      ref: { provider: this.provider, providerPaymentId, chargeId },
      livemode: false,
      occurredAt: this.now,
      money,
      ...(name === 'attempt_failed' && { attemptId: chargeId, reason: 'insufficient_funds' }),
    };
  }

  private end(one: FakeSubscription, cancelReason: CancelReason): void {
    Object.assign(one, { status: 'canceled', cancelReason, canceledAt: this.now, cancelAtPeriodEnd: false });
    one.pausedAt = undefined;
    this.emit(one);
  }

  private emit({ id, customerId }: FakeSubscription, periodIds: string[] = [], trialEnding = false): void {
    this.events.push({
      kind: 'subscription',
      providerSubscriptionId: id,
      providerCustomerId: customerId,
      periodIds,
      trialEnding,
    });
  }

  private refusal(kind: Exclude<Answer, 'ok' | 'lost' | 'vanished'>): ProviderError {
    return new ProviderError(kind, `refused: ${kind}`, { provider: this.provider, providerCode: kind });
  }
}
