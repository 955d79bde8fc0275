import type { Clock } from '../../../kernel/clock.js';
import type { SubscriptionFact } from '../../billing.facts.js';
import type {
  CommandResult,
  CompleteSubject,
  SubscriptionCommand,
  SubscriptionsPort,
} from '../../billing.ports.js';
import { ProviderError } from '../../provider.errors.js';
import type { Outcome, ProviderCall } from '../../provider.port.js';
import { CONEKTA } from '../conekta.account.js';
import { type ConektaBillingCalls, pagesOf, rowsOf } from '../conekta.client.js';
import { afterActing } from '../conekta.doubt.js';
import { neverArrived, nothingDue, unusableAnswer } from '../conekta.errors.js';
import { plannedId, writeOf } from '../conekta.request.js';
import { assertShowsPayment, checked } from '../payment/conekta.order.read.js';
import { type ConektaPeriod, readPeriod } from './conekta.period.facts.js';
import {
  type ConektaSubscription,
  readSubscription,
  readSubscriptionEvent,
} from './conekta.subscription.read.js';
import { subscriptionRequest, subscriptionsPath } from './conekta.subscription.request.js';

type Result = Outcome<CommandResult>;
type Kind = SubscriptionCommand['kind'];

/** Conekta's clock may be behind ours; nothing but the plan tells one subscription from another. */
const CLOCK_SLACK_MS = 60_000;
/** What Conekta has not made by then of a request that lost its answer, it never got. */
const ARRIVED_WITHIN_MS = 300_000;

/** Commands that would be refused, or do something else, where it is so already. */
const IS_SO: Partial<Record<Kind, (subscription: ConektaSubscription) => boolean>> = {
  pause_subscription: ({ status }) => status === 'paused',
  resume_subscription: ({ status }) => status !== 'paused' && status !== 'canceled',
  cancel_subscription: ({ status }) => status === 'canceled',
};

/** Subscriptions at Conekta, by the routes that allow a customer several. */
export class ConektaSubscriptions implements SubscriptionsPort {
  private readonly reads: SubscriptionReads;

  constructor(
    private readonly client: ConektaBillingCalls,
    livemode: boolean,
    private readonly clock: Pick<Clock, 'now'>,
  ) {
    this.reads = new SubscriptionReads(client, livemode);
  }

  plan(command: SubscriptionCommand): ProviderCall['request'] {
    return subscriptionRequest(command);
  }

  async retrieve({
    providerCustomerId,
    providerSubscriptionId,
    periodIds,
    since,
  }: CompleteSubject): Promise<SubscriptionFact> {
    const subscription = await this.reads.subscription(providerCustomerId, providerSubscriptionId);
    const unheard = since === undefined ? [] : await this.reads.ordersSince(subscription, since);
    return this.reads.fact(subscription, [...periodIds, ...unheard]);
  }

  async run(kind: Kind, call: ProviderCall): Promise<Result> {
    if (kind === 'create_subscription') return this.create(call);
    const target = [plannedId(call, 'customerId'), plannedId(call, 'subscriptionId')] as const;
    if (kind === 'retry_subscription' && call.sentBefore !== undefined) return this.told(...target);
    const isSo = IS_SO[kind];
    if (isSo !== undefined || kind === 'retry_subscription') {
      const present = await this.reads.subscription(...target);
      if (isSo?.(present) === true) return this.toldOf(present);
      if (kind === 'retry_subscription' && present.status !== 'past_due') throw nothingDue();
    }
    // To set a plan or a card again does no harm, and a plan that is still to come may not be told.
    const answer = await this.client.write(writeOf(call));
    return answer.known ? this.told(...target) : answer;
  }

  /** A subscription charges a card: one that was sent is only looked for. */
  private async create(call: ProviderCall): Promise<Result> {
    const { sentBefore } = call;
    if (sentBefore !== undefined) return this.find(call, sentBefore);
    const answer = await this.client.write(writeOf(call));
    if (!answer.known) return answer;
    const made = readSubscription(answer.value);
    if (made === undefined) return { known: false, error: unusableAnswer('not_a_subscription') };
    return this.toldOf(made, made.id);
  }

  private async find(call: ProviderCall, sentBefore: Date): Promise<Result> {
    const planId = plannedId(call, 'planId');
    const found = await unlessGone(async () => {
      const all = await this.reads.ofCustomer(plannedId(call, 'customerId'));
      const from = sentBefore.getTime() - CLOCK_SLACK_MS;
      const [newest] = all
        .filter((one) => one.planId === planId && one.createdAt.getTime() >= from)
        .filter((one) => !(call.madeByOthers ?? []).includes(one.id))
        .sort((a, b) => b.createdAt.getTime() - a.createdAt.getTime());
      return { known: true, value: newest };
    });
    if (!found.known) return found;
    if (found.value !== undefined) return this.toldOf(found.value, found.value.id);
    const waited = this.clock.now().getTime() - sentBefore.getTime();
    if (waited >= ARRIVED_WITHIN_MS) throw neverArrived();
    return { known: false, error: unusableAnswer('not_there_yet') };
  }

  private async told(customerId: string, id: string): Promise<Result> {
    const now = await unlessGone(async () => ({
      known: true,
      value: await this.reads.subscription(customerId, id),
    }));
    return now.known ? this.toldOf(now.value) : now;
  }

  private toldOf(subscription: ConektaSubscription, madeId?: string): Promise<Result> {
    return afterActing(async () => {
      const facts = [await this.reads.fact(subscription, [])];
      return { known: true, value: { facts, ...(madeId !== undefined && { madeId }) } };
    });
  }
}

/** As `afterActing`, but that Conekta does not know a customer or a subscription any more is an answer for ever. */
async function unlessGone<T>(work: () => Promise<Outcome<T>>): Promise<Outcome<T>> {
  const done = await afterActing(work);
  if (!done.known && done.error instanceof ProviderError && done.error.kind === 'not_found') throw done.error;
  return done;
}

/** Conekta's clock may be behind ours. */
const EVENTS_SLACK_MS = 600_000;

/** What is asked of Conekta about subscriptions. */
export class SubscriptionReads {
  constructor(
    private readonly client: ConektaBillingCalls,
    private readonly livemode: boolean,
  ) {}

  async subscription(customerId: string, id: string): Promise<ConektaSubscription> {
    const subscription = readSubscription(await this.client.read(pathOf(customerId, id)));
    if (subscription?.id !== id || subscription.customerId !== customerId)
      throw unusableAnswer('not_the_subscription');
    return subscription;
  }

  /** Every one of the customer's, whatever has become of it. */
  async ofCustomer(customerId: string): Promise<ConektaSubscription[]> {
    const all: ConektaSubscription[] = [];
    for await (const answer of pagesOf(this.client, subscriptionsPath(customerId))) {
      // A list by its name and its parameters; by its schema, one subscription.
      const rows = answer.object === 'subscription' ? [answer] : rowsOf(answer);
      all.push(...rows.flatMap((one) => readSubscription(one) ?? []));
    }
    return all;
  }

  /**
   * The orders of cycles since then: an order does not name its subscription, but the subscription's events of the time
   * name the order.
   */
  async ordersSince({ id, customerId }: ConektaSubscription, since: Date): Promise<string[]> {
    const from = since.getTime() - EVENTS_SLACK_MS;
    const orders = new Set<string>();
    try {
      for await (const page of pagesOf(this.client, `${pathOf(customerId, id)}/events`)) {
        const events = rowsOf(page).flatMap((one) => readSubscriptionEvent(one, id) ?? []);
        for (const { at, orderId } of events) if (at >= from && orderId !== undefined) orders.add(orderId);
        const [newest, oldest] = [events.at(0), events.at(-1)];
        if (newest !== undefined && oldest !== undefined && oldest.at < from && newest.at >= oldest.at) break;
      }
    } catch (error) {
      // Nothing is kept of it there: that is no reason to tell nothing of the subscription itself.
      if (!(error instanceof ProviderError) || error.kind !== 'not_found') throw error;
    }
    return [...orders];
  }

  /** @param periodIds orders that are told beside the latest one */
  async fact(subscription: ConektaSubscription, periodIds: readonly string[]): Promise<SubscriptionFact> {
    const { id, customerId, planId, cardId, status, createdAt, times, cancelReason } = subscription;
    return {
      kind: 'subscription',
      provider: CONEKTA,
      livemode: this.livemode,
      providerSubscriptionId: id,
      providerCustomerId: customerId,
      status,
      cancelReason,
      providerPlanId: planId,
      providerSourceId: cardId,
      createdAt,
      ...times,
      cancelAtPeriodEnd: false,
      periods: (await this.periods(subscription, periodIds)).map(({ period }) => period),
    };
  }

  private async periods(
    subscription: ConektaSubscription,
    periodIds: readonly string[],
  ): Promise<ConektaPeriod[]> {
    const { lastOrderId } = subscription;
    const ids = new Set([...periodIds, ...(lastOrderId === undefined ? [] : [lastOrderId])]);
    const periods: ConektaPeriod[] = [];
    for (const id of ids) {
      const answer = await this.client.order(id);
      assertShowsPayment(checked(answer, id));
      periods.push(...[readPeriod(answer, subscription)].flatMap((one) => one ?? []));
    }
    return periods.sort((a, b) => a.createdAt.getTime() - b.createdAt.getTime());
  }
}

function pathOf(customerId: string, id: string): string {
  return `${subscriptionsPath(customerId)}/${encodeURIComponent(id)}`;
}
