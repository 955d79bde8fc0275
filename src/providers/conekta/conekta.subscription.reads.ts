import type { SubscriptionFact } from '../billing.facts.js';
import type { ConektaBillingCalls } from './conekta.client.js';
import { checked } from './conekta.confirm.js';
import { unusableAnswer } from './conekta.errors.js';
import { pagesOf, rowsOf } from './conekta.listing.js';
import { CONEKTA } from './conekta.name.js';
import { type ConektaPeriod, readPeriod } from './conekta.period.js';
import { type ConektaSubscription, readSubscription } from './conekta.subscription.js';
import { subscriptionsPath } from './conekta.subscription.plan.js';

/** What is asked of Conekta about subscriptions. */
export class SubscriptionReads {
  constructor(
    private readonly client: ConektaBillingCalls,
    private readonly livemode: boolean,
  ) {}

  async subscription(customerId: string, id: string): Promise<ConektaSubscription> {
    const path = `${subscriptionsPath(customerId)}/${encodeURIComponent(id)}`;
    const subscription = readSubscription(await this.client.read(path));
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
      checked(answer, id);
      periods.push(...[readPeriod(answer, subscription)].flatMap((one) => one ?? []));
    }
    return periods.sort((a, b) => a.createdAt.getTime() - b.createdAt.getTime());
  }
}
