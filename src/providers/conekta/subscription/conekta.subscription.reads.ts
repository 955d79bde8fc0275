import type { SubscriptionFact } from '../../billing.facts.js';
import { ProviderError } from '../../provider.errors.js';
import type { ConektaBillingCalls } from '../conekta.client.js';
import { assertShowsPayment, checked } from '../payment/conekta.order.read.js';
import { unusableAnswer } from '../conekta.errors.js';
import { pagesOf, rowsOf } from '../conekta.listing.js';
import { CONEKTA } from '../conekta.name.js';
import { type ConektaPeriod, readPeriod } from './conekta.period.js';
import { type ConektaSubscription, readSubscription, readSubscriptionEvent } from './conekta.subscription.js';
import { subscriptionsPath } from './conekta.subscription.plan.js';

/** Conekta's clock may be behind ours. */
const CLOCK_SLACK_MS = 600_000;

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
    const from = since.getTime() - CLOCK_SLACK_MS;
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
