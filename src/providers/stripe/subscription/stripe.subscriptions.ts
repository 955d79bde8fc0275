import type { SubscriptionFact } from '../../billing.facts.js';
import type { CommandResult, SubscriptionCommand, SubscriptionsPort } from '../../billing.ports.js';
import { textOf } from '../../json.read.js';
import type { Outcome, ProviderCall } from '../../provider.port.js';
import type { StripeAccount } from '../stripe.account.js';
import type { StripeBillingCalls } from '../stripe.client.js';
import { unusableAnswer } from '../stripe.errors.js';
import { readCycles } from './stripe.cycles.js';
import { findMade } from '../stripe.listing.js';
import { afterwards, marked, mustLookFirst } from '../stripe.repeat.js';
import { pathOf, recordedParams, recordedText } from '../stripe.request.js';
import { StripeSubscriptionChanges } from './stripe.subscription.changes.js';
import { endOfNew } from './stripe.subscription.end.js';
import { readSubscription, type StripeSubscription } from './stripe.subscription.js';
import {
  type ReadSubject,
  readWithPeriods,
  SUBSCRIPTIONS_PATH,
  unlessCanceled,
} from './stripe.subscription.read.js';
import { planSubscription } from './stripe.subscription.request.js';

/** Subscriptions at Stripe, each with one item: its plan. */
export class StripeSubscriptions implements SubscriptionsPort {
  private readonly changes: StripeSubscriptionChanges;

  constructor(
    private readonly client: StripeBillingCalls,
    private readonly account: StripeAccount,
  ) {
    this.changes = new StripeSubscriptionChanges(client, account.clock);
  }

  plan(command: SubscriptionCommand): ProviderCall['request'] {
    return planSubscription(command, this.account.installationId);
  }

  async run(kind: SubscriptionCommand['kind'], call: ProviderCall): Promise<Outcome<CommandResult>> {
    if (kind === 'create_subscription') return this.create(call);
    const id = recordedText(recordedParams(call.request, 'target'), 'providerSubscriptionId');
    const changed = await this.changes.make(kind, id, call);
    return changed.known ? this.told(id, changed.value) : changed;
  }

  retrieve(subject: ReadSubject): Promise<SubscriptionFact> {
    return readWithPeriods(this.client, subject, this.account);
  }

  private async create(call: ProviderCall): Promise<Outcome<CommandResult>> {
    const made = await this.made(call);
    if (!made.known) return made;
    const subscription = made.value;
    const cycles = readCycles(call.request.cycles);
    return afterwards(async () => {
      if (cycles !== undefined && subscription.cancelAt === undefined) {
        const path = pathOf(SUBSCRIPTIONS_PATH, subscription.id);
        const end = endOfNew(subscription, cycles);
        const key = `${call.operationId}:end`;
        const ended = await unlessCanceled(this.client, subscription.id, () =>
          this.client.post(path, { ...end }, key),
        );
        if (!ended.known) return ended;
      }
      const told = await this.told(subscription.id, []);
      return told.known ? { known: true, value: { ...told.value, madeId: subscription.id } } : told;
    });
  }

  private async made(call: ProviderCall): Promise<Outcome<StripeSubscription>> {
    const params = marked(recordedParams(call.request, 'subscription'), call);
    const customer = textOf(params.customer) ?? '';
    const found = mustLookFirst(call, this.account.clock.now())
      ? await findMade(this.client, SUBSCRIPTIONS_PATH, { customer, status: 'all' }, call)
      : undefined;
    const answer: Outcome<unknown> =
      found === undefined
        ? await this.client.post(SUBSCRIPTIONS_PATH, params, call.operationId)
        : { known: true, value: found };
    if (!answer.known) return answer;
    const subscription = readSubscription(answer.value);
    return subscription === undefined
      ? { known: false, error: unusableAnswer('not_a_subscription') }
      : { known: true, value: subscription };
  }

  /** @param periodIds that the call was about, beside the latest. */
  private told(
    providerSubscriptionId: string,
    periodIds: readonly string[],
  ): Promise<Outcome<CommandResult>> {
    return afterwards(async () => {
      const fact = await this.retrieve({ providerSubscriptionId, periodIds });
      return { known: true, value: { facts: [fact] } };
    });
  }
}
