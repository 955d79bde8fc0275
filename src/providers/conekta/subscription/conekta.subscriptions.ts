import type { SubscriptionFact } from '../../billing.facts.js';
import type {
  CommandResult,
  CompleteSubject,
  SubscriptionCommand,
  SubscriptionsPort,
} from '../../billing.ports.js';
import { secondsBefore } from '../../json.read.js';
import {
  afterActing,
  andThen,
  inDoubt,
  known,
  type Outcome,
  type ProviderCall,
  unlessRefused,
} from '../../provider.calls.js';
import { ProviderError } from '../../provider.errors.js';
import type { ConektaAccount } from '../conekta.account.js';
import { type ConektaBillingCalls, pagesFrom, rowsSince } from '../conekta.client.js';
import { conektaError, unusableAnswer } from '../conekta.errors.js';
import { recordedId, writeOf } from '../conekta.request.js';
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
/** A request that lost its answer and has made nothing by then never arrived. */
const ARRIVED_WITHIN_MS = 300_000;

/** Where it is so already, the command would be refused or do something else. */
const IS_SO: Partial<Record<Kind, (subscription: ConektaSubscription) => boolean>> = {
  pause_subscription: ({ status }) => status === 'paused',
  resume_subscription: ({ status }) => status !== 'paused' && status !== 'canceled',
  cancel_subscription: ({ status }) => status === 'canceled',
};

/** By the routes that allow a customer several. */
export class ConektaSubscriptions implements SubscriptionsPort {
  constructor(
    private readonly client: ConektaBillingCalls,
    private readonly account: Pick<ConektaAccount, 'livemode' | 'clock'>,
  ) {}

  request(command: SubscriptionCommand): ProviderCall['request'] {
    return subscriptionRequest(command);
  }

  async retrieve({
    providerCustomerId,
    providerSubscriptionId,
    periodIds,
    since,
  }: CompleteSubject): Promise<SubscriptionFact> {
    const subscription = await this.now(providerCustomerId, providerSubscriptionId);
    const unheard = since === undefined ? [] : await this.ordersSince(subscription, since);
    return this.factOf(subscription, [...periodIds, ...unheard]);
  }

  async run(kind: Kind, call: ProviderCall): Promise<Result> {
    if (kind === 'create_subscription') return this.create(call);
    const target = [recordedId(call, 'customerId'), recordedId(call, 'subscriptionId')] as const;
    const isRetry = kind === 'retry_subscription';
    if (isRetry && call.sentBefore !== undefined) return this.told(...target);
    const isSo = IS_SO[kind];
    if (isSo !== undefined || isRetry) {
      const present = await this.now(...target);
      if (isSo?.(present) === true) return this.toldOf(present);
      if (isRetry && present.status !== 'past_due') throw conektaError('nothing_due');
    }
    // Setting a plan or a card again does no harm, and a plan that is still to come may not be told.
    return andThen(this.client.write(writeOf(call)), () => this.told(...target));
  }

  /** A subscription charges a card: one that was sent is only looked for. */
  private async create(call: ProviderCall): Promise<Result> {
    const { sentBefore } = call;
    if (sentBefore !== undefined) return this.find(call, sentBefore);
    return andThen(this.client.write(writeOf(call)), (answer) => {
      const made = readSubscription(answer);
      return made ? this.toldOf(made, true) : inDoubt(unusableAnswer('not_a_subscription'));
    });
  }

  private find(call: ProviderCall, sentBefore: Date): Promise<Result> {
    const planId = recordedId(call, 'planId');
    const from = sentBefore.getTime() - CLOCK_SLACK_MS;
    const found = unlessGone(async () => {
      const [newest] = (await this.ofCustomer(recordedId(call, 'customerId')))
        .filter((one) => one.providerPlanId === planId && one.createdAt.getTime() >= from)
        .filter((one) => !(call.madeByOthers ?? []).includes(one.providerSubscriptionId))
        .sort((a, b) => b.createdAt.getTime() - a.createdAt.getTime());
      return known(newest);
    });
    return andThen(found, (one) => {
      if (one !== undefined) return this.toldOf(one, true);
      const waited = this.account.clock.now().getTime() - sentBefore.getTime();
      if (waited >= ARRIVED_WITHIN_MS)
        throw conektaError('not_found', { providerCode: 'never_arrived' }, 'Conekta never got the request');
      return inDoubt(unusableAnswer('not_there_yet'));
    });
  }

  private told(customerId: string, id: string): Promise<Result> {
    return andThen(
      unlessGone(async () => known(await this.now(customerId, id))),
      (subscription) => this.toldOf(subscription),
    );
  }

  private toldOf(subscription: ConektaSubscription, isMade = false): Promise<Result> {
    return afterActing(async () => {
      const facts = [await this.factOf(subscription, [])];
      return known({ facts, ...(isMade && { madeId: subscription.providerSubscriptionId }) });
    });
  }

  private async now(customerId: string, id: string): Promise<ConektaSubscription> {
    const found = readSubscription(await this.client.read(pathOf(customerId, id)));
    if (found?.providerSubscriptionId !== id || found.providerCustomerId !== customerId)
      throw unusableAnswer('not_the_subscription');
    return found;
  }

  /** All of the customer's, in whatever state. */
  private async ofCustomer(customerId: string): Promise<ConektaSubscription[]> {
    const all: ConektaSubscription[] = [];
    const list = pagesFrom(async (next) => {
      const answer = await this.client.page(subscriptionsPath(customerId), next);
      // A list by its name and parameters; by its schema, one subscription.
      return answer.object === 'subscription' ? { ...answer, data: [answer] } : answer;
    });
    for await (const rows of list) all.push(...rows.flatMap((one) => readSubscription(one) ?? []));
    return all;
  }

  /** The orders of cycles since then: only the subscription's events name them. */
  private async ordersSince(of: ConektaSubscription, since: Date): Promise<string[]> {
    const { providerSubscriptionId: id, providerCustomerId: customerId } = of;
    const from = new Date(secondsBefore(since) * 1000);
    const orders = new Set<string>();
    const readEvents = async (): Promise<void> => {
      const [path, read] = [
        `${pathOf(customerId, id)}/events`,
        (one: unknown) => readSubscriptionEvent(one, id),
      ];
      for await (const { createdAt, orderId } of rowsSince(this.client, path, read, since))
        if (createdAt >= from && orderId !== undefined) orders.add(orderId);
    };
    // Without a record of events the subscription itself is told all the same.
    await unlessRefused(['not_found'], readEvents, () => undefined);
    return [...orders];
  }

  /** @param periodIds orders that are told beside the latest one */
  private async factOf(
    { lastOrderId, ...fact }: ConektaSubscription,
    periodIds: readonly string[],
  ): Promise<SubscriptionFact> {
    const periods: ConektaPeriod[] = [];
    for (const orderId of new Set([...periodIds, ...(lastOrderId === undefined ? [] : [lastOrderId])])) {
      const answer = await this.client.order(orderId);
      assertShowsPayment(checked(answer, orderId));
      const period = readPeriod(answer, { ...fact, lastOrderId });
      if (period !== undefined) periods.push(period);
    }
    periods.sort((a, b) => a.createdAt.getTime() - b.createdAt.getTime());
    const { livemode } = this.account;
    return { ...fact, livemode, periods: periods.map(({ period }) => period) };
  }
}

function pathOf(customerId: string, id: string): string {
  return `${subscriptionsPath(customerId)}/${encodeURIComponent(id)}`;
}

/** As `afterActing`, but a customer or subscription that Conekta does not know any more stays unknown. */
async function unlessGone<T>(work: () => Promise<Outcome<T>>): Promise<Outcome<T>> {
  const done = await afterActing(work);
  if (!done.known && done.error instanceof ProviderError && done.error.kind === 'not_found') throw done.error;
  return done;
}
