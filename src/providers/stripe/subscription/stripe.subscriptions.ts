import type { SubscriptionFact } from '../../billing.facts.js';
import type {
  CommandResult,
  CompleteSubject,
  SubscriptionCommand,
  SubscriptionsPort,
} from '../../billing.ports.js';
import { type Json, jsonOf, listOf, textOf } from '../../json.read.js';
import {
  afterActing,
  andThen,
  isFinal,
  known,
  knownOr,
  type Outcome,
  type ProviderCall,
  unlessRefused,
} from '../../provider.calls.js';
import { given } from '../../request.rules.js';
import { assertHolds } from '../customer/stripe.customers.js';
import type { StripeAccount } from '../stripe.account.js';
import { madeBefore, type StripeBillingCalls, wholeList } from '../stripe.client.js';
import { stripeError, unusableAnswer, withId } from '../stripe.errors.js';
import { keyOf, marked, mustLookFirst, pathOf, recordedParams, recordedText } from '../stripe.request.js';
import { endOf, endOfChanged, readCycles } from './stripe.cycles.js';
import { closeOwed, payOwed, periodsOf } from './stripe.invoices.js';
import {
  PLAN_MARK,
  readSubscription,
  type StripeItem,
  type StripeSubscription,
} from './stripe.subscription.read.js';
import { subscriptionRequest } from './stripe.subscription.request.js';

const SUBSCRIPTIONS_PATH = '/v1/subscriptions';
const ITEMS_PATH = '/v1/subscription_items';

type Kind = SubscriptionCommand['kind'];
/** Invoices that the change concerned, beside the latest. */
type Changed = Outcome<readonly string[]>;

const DONE: Changed = known([]);

/** Whether the change is made. */
type Settled = (now: StripeSubscription, request: Json) => boolean;
const SETTLED: Readonly<Record<Exclude<Kind, 'create_subscription' | 'retry_subscription'>, Settled>> = {
  change_plan: ({ items }, { price }) => items.some(({ providerPlanId }) => providerPlanId === price),
  change_card: ({ fact }, { providerSourceId }) => fact.providerSourceId === providerSourceId,
  pause_subscription: ({ fact }) => fact.status === 'paused',
  resume_subscription: ({ fact }) => fact.status !== 'paused',
  cancel_subscription: ({ fact }, { atPeriodEnd }) =>
    fact.status === 'canceled' || (atPeriodEnd === true && fact.cancelAtPeriodEnd),
  undo_cancel_subscription: ({ fact, expiryCount, cancelAt }) =>
    !fact.cancelAtPeriodEnd && (expiryCount === undefined || cancelAt !== undefined),
};

/** Subscriptions that we make have one item: the plan. */
export class StripeSubscriptions implements SubscriptionsPort {
  constructor(
    private readonly client: StripeBillingCalls,
    private readonly account: StripeAccount,
  ) {}

  request(command: SubscriptionCommand): ProviderCall['request'] {
    return subscriptionRequest(command, this.account.installationId);
  }

  /** @throws ProviderError for a definite refusal; declined where money was to be paid at once. */
  run(kind: Kind, call: ProviderCall): Promise<Outcome<CommandResult>> {
    if (kind === 'create_subscription') return this.create(call);
    const id = recordedText(recordedParams(call.request, 'target'), 'providerSubscriptionId');
    return andThen(this.change(kind, id, call), (periodIds) => this.told(id, periodIds));
  }

  /** @throws ProviderError */
  async retrieve({
    providerSubscriptionId,
    ...asked
  }: Pick<CompleteSubject, 'providerSubscriptionId' | 'periodIds' | 'since'>): Promise<SubscriptionFact> {
    const subscription = await this.now(providerSubscriptionId);
    return { ...subscription.fact, periods: await periodsOf(this.client, subscription, asked, this.account) };
  }

  private told(
    providerSubscriptionId: string,
    periodIds: readonly string[],
    made: Pick<CommandResult, 'madeId'> = {},
  ): Promise<Outcome<CommandResult>> {
    return afterActing(async () =>
      known({ facts: [await this.retrieve({ providerSubscriptionId, periodIds })], ...made }),
    );
  }

  private async now(id: string): Promise<StripeSubscription> {
    const answer = jsonOf(await this.client.get(pathOf(SUBSCRIPTIONS_PATH, id)));
    const items = await wholeList(this.client, answer.items, ITEMS_PATH, { subscription: id });
    return withId(readSubscription({ ...answer, items }), id, 'not_the_subscription');
  }

  private async create(call: ProviderCall): Promise<Outcome<CommandResult>> {
    const params = marked(recordedParams(call.request, 'subscription'), call);
    const query = { customer: textOf(params.customer) ?? '', status: 'all' };
    const found = await madeBefore(this.client, SUBSCRIPTIONS_PATH, query, call, this.account);
    const made = found === undefined ? this.post(SUBSCRIPTIONS_PATH, params, call) : subscriptionIn(found);
    return andThen(made, (subscription) => {
      const { id, cancelAt } = subscription;
      const end = cancelAt === undefined ? endOf(subscription, readCycles(call.request.cycles)) : undefined;
      const ended = end === undefined ? DONE : this.postEnd(id, { ...end }, call);
      return andThen(ended, () => this.told(id, [], { madeId: id }));
    });
  }

  private async change(
    kind: Exclude<Kind, 'create_subscription'>,
    id: string,
    call: ProviderCall,
  ): Promise<Changed> {
    const { request, sentBefore } = call;
    if (kind === 'retry_subscription')
      // Moves money: once sent, it is only looked at.
      return sentBefore === undefined ? payOwed(this.client, id, call) : DONE;
    const now = await this.now(id);
    const isSettled = mustLookFirst(call, this.account.clock.now()) && SETTLED[kind](now, request);
    if (kind === 'change_plan') return isSettled ? this.setEnd(now, call) : this.changePlan(now, call);
    if (kind === 'cancel_subscription')
      return andThen(isSettled ? DONE : this.cancel(now, call), () =>
        request.openInvoices === 'void' ? closeOwed(this.client, id, call) : DONE,
      );
    if (isSettled) return DONE;
    switch (kind) {
      case 'change_card': {
        const cardId = recordedText(request, 'providerSourceId');
        await assertHolds(this.client, now.customerId, cardId);
        return this.update(id, { default_payment_method: cardId }, call);
      }
      case 'pause_subscription':
        return this.update(id, recordedParams(request, 'params'), call, 'pause');
      case 'resume_subscription':
        // Stripe's panel can pause the collection only.
        if (now.collectionPaused) {
          const path = pathOf(SUBSCRIPTIONS_PATH, id);
          return andThen(this.post(path, { pause_collection: '' }, call, 'collect'), () => DONE);
        }
        if (sentBefore !== undefined && now.fact.status !== 'paused') return DONE;
        return this.update(id, recordedParams(request, 'params'), call, 'resume');
      case 'undo_cancel_subscription':
        return this.undoCancel(now, call);
    }
  }

  /** Add-ons and the number of seats stay. */
  private changePlan(now: StripeSubscription, call: ProviderCall): Promise<Changed> {
    const { itemId: id, quantity } = planItemOf(now, call.request);
    const item = {
      id,
      price: recordedText(call.request, 'price'),
      ...(quantity !== undefined && quantity !== 1 && { quantity }),
      ...(now.items.length > 1 && { metadata: PLAN_MARK }),
    };
    const params = { items: [item], ...recordedParams(call.request, 'params') };
    return andThen(this.post(pathOf(SUBSCRIPTIONS_PATH, now.id), params, call), (changed) =>
      this.setEnd(changed, call),
    );
  }

  private setEnd(changed: StripeSubscription, call: ProviderCall): Promise<Changed> {
    const { price, cycles, timing } = call.request;
    const item = changed.items.find(({ providerPlanId }) => providerPlanId === price);
    const ofItem = item && { itemStart: item.periodStart, itemEnd: item.periodEnd };
    const at = timing === 'immediately' ? timing : 'at_period_end';
    const end = endOfChanged({ ...changed, ...ofItem }, readCycles(cycles), at);
    return end === undefined ? Promise.resolve(DONE) : this.postEnd(changed.id, { ...end }, call);
  }

  private async cancel(now: StripeSubscription, call: ProviderCall): Promise<Changed> {
    const comment = textOf(call.request.comment);
    const { id, fact, cancelAt, expiryCount } = now;
    if (call.request.atPeriodEnd !== true) {
      if (fact.status === 'canceled') return DONE;
      const query = given({ 'cancellation_details[comment]': comment });
      const path = pathOf(SUBSCRIPTIONS_PATH, id);
      return andThen(
        this.unlessCanceled(id, () => this.client.delete(path, query)),
        () => DONE,
      );
    }
    // Not sent again: the same key with other parameters would be refused.
    if (fact.cancelAtPeriodEnd && (comment === undefined || comment === fact.cancelComment)) return DONE;
    // Stripe overwrites the end that the cycles have; an undo sets it again.
    const cyclesEnd = fact.cancelAtPeriodEnd || expiryCount === undefined ? undefined : cancelAt;
    const params = {
      cancel_at_period_end: true,
      ...(comment !== undefined && { cancellation_details: { comment } }),
      ...(cyclesEnd && { metadata: { cyclesEnd: String(cyclesEnd.getTime() / 1000) } }),
    };
    return this.update(id, params, call);
  }

  /** The panel may have set the end as a date. */
  private undoCancel(now: StripeSubscription, call: ProviderCall): Promise<Changed> {
    const { id, fact, endsByDate, expiryCount } = now;
    const params = endsByDate ? { cancel_at: '' } : { cancel_at_period_end: false };
    return andThen(fact.cancelAtPeriodEnd ? this.update(id, params, call) : DONE, () => {
      const end = expiryCount === undefined ? undefined : endOf(now, readCycles(call.request.cycles));
      return end === undefined ? DONE : this.postEnd(id, { ...end, metadata: { cyclesEnd: '' } }, call);
    });
  }

  /** Sets the end that the cycles have, once the change itself is made. */
  private postEnd(id: string, params: Json, call: ProviderCall): Promise<Changed> {
    const post = (): Promise<Outcome<unknown>> =>
      this.post(pathOf(SUBSCRIPTIONS_PATH, id), params, call, 'end');
    return afterActing(() => andThen(this.unlessCanceled(id, post), () => DONE));
  }

  /** Somebody else may have canceled the subscription: a final refusal then means that nothing is left to do. */
  private unlessCanceled(id: string, work: () => Promise<Outcome<unknown>>): Promise<Outcome<unknown>> {
    return unlessRefused(isFinal, work, async (refusal) => {
      if ((await this.now(id)).fact.status !== 'canceled') throw refusal;
      return known(undefined);
    });
  }

  private update(id: string, params: Json, call: ProviderCall, ...verb: string[]): Promise<Changed> {
    return andThen(this.post(pathOf(SUBSCRIPTIONS_PATH, id, ...verb), params, call), () => DONE);
  }

  private post(
    path: string,
    params: Json,
    call: ProviderCall,
    step?: string,
  ): Promise<Outcome<StripeSubscription>> {
    return andThen(this.client.post(path, params, keyOf(call, step)), subscriptionIn);
  }
}

function subscriptionIn(answer: unknown): Outcome<StripeSubscription> {
  return knownOr(readSubscription(answer), unusableAnswer('not_a_subscription'));
}

/** The item to replace, never an add-on. @throws ProviderError not_allowed where several items may be the plan. */
function planItemOf({ items }: StripeSubscription, { presentPlanIds }: Json): StripeItem {
  const ids = new Set(listOf(presentPlanIds));
  const byPrice = items.filter(({ providerPlanId }) => ids.has(providerPlanId));
  const one = items.length === 1 || byPrice.length === 1 ? (byPrice[0] ?? items[0]) : undefined;
  const item = items.find(({ isPlan }) => isPlan) ?? one;
  if (item !== undefined) return item;
  const message =
    'the subscription has several items at Stripe, and none of them is known to be its plan: ' +
    'give that item the metadata isPlan = true there';
  throw stripeError('not_allowed', { providerCode: 'plan_unclear' }, message);
}
