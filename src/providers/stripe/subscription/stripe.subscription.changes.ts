import type { Clock } from '../../../kernel/clock.js';
import type { SubscriptionCommand } from '../../billing.ports.js';
import { type Json, jsonOf } from '../../json.read.js';
import { ProviderError } from '../../provider.errors.js';
import type { Outcome, ProviderCall } from '../../provider.port.js';
import type { StripeBillingCalls } from '../stripe.client.js';
import { assertHolds } from '../customer/stripe.customer.read.js';
import { readCycles } from './stripe.cycles.js';
import { nothingDue, unusableAnswer } from '../stripe.errors.js';
import { readInvoice, type StripeInvoice } from './stripe.invoice.js';
import { afterwards, mustLookFirst } from '../stripe.repeat.js';
import { pathOf, recordedParams, recordedText } from '../stripe.request.js';
import { endOfChanged } from './stripe.subscription.end.js';
import { readSubscription, type StripeSubscription } from './stripe.subscription.js';
import {
  INVOICES_PATH,
  subscriptionNow,
  SUBSCRIPTIONS_PATH,
  unlessCanceled,
} from './stripe.subscription.read.js';

export type ChangeKind = Exclude<SubscriptionCommand['kind'], 'create_subscription'>;

/** Invoices that the change was about. */
type Changed = Outcome<readonly string[]>;

const DONE: Changed = { known: true, value: [] };

/** Whether the subscription is as the change wants it. */
const SETTLED: Readonly<
  Record<Exclude<ChangeKind, 'retry_subscription'>, (now: StripeSubscription, request: Json) => boolean>
> = {
  change_plan: ({ fact }, { price }) => fact.providerPlanId === price,
  change_card: ({ fact }, { providerSourceId }) => fact.providerSourceId === providerSourceId,
  pause_subscription: ({ fact }) => fact.status === 'paused',
  resume_subscription: ({ fact }) => fact.status !== 'paused',
  cancel_subscription: ({ fact }, { atPeriodEnd }) =>
    fact.status === 'canceled' || (atPeriodEnd === true && fact.cancelAtPeriodEnd),
};

/** What is done with a subscription that is there. */
export class StripeSubscriptionChanges {
  constructor(
    private readonly client: StripeBillingCalls,
    private readonly clock: Clock,
  ) {}

  /** @throws ProviderError for a definite refusal; declined where money was to be paid at once. */
  async make(kind: ChangeKind, id: string, call: ProviderCall): Promise<Changed> {
    if (kind === 'retry_subscription') return this.retry(id, call);
    const now = await subscriptionNow(this.client, id);
    if (mustLookFirst(call, this.clock.now()) && SETTLED[kind](now, call.request)) {
      return kind === 'change_plan' ? this.setEnd(now, call) : DONE;
    }
    switch (kind) {
      case 'change_plan':
        return this.changePlan(now, call);
      case 'change_card':
        return this.changeCard(now, call);
      case 'pause_subscription':
        return this.post(
          pathOf(SUBSCRIPTIONS_PATH, id, 'pause'),
          recordedParams(call.request, 'params'),
          call,
        );
      case 'resume_subscription':
        return this.resume(now, call);
      case 'cancel_subscription':
        return this.cancel(now, call);
    }
  }

  private async changePlan({ id, itemId }: StripeSubscription, call: ProviderCall): Promise<Changed> {
    const price = recordedText(call.request, 'price');
    const params = { items: [{ id: itemId, price }], ...recordedParams(call.request, 'params') };
    const answer = await this.client.post(pathOf(SUBSCRIPTIONS_PATH, id), params, call.operationId);
    if (!answer.known) return answer;
    const changed = readSubscription(answer.value);
    return changed === undefined
      ? { known: false, error: unusableAnswer('not_a_subscription') }
      : this.setEnd(changed, call);
  }

  private setEnd(changed: StripeSubscription, call: ProviderCall): Promise<Changed> {
    const timing = call.request.timing === 'immediately' ? 'immediately' : 'at_period_end';
    const end = endOfChanged(changed, readCycles(call.request.cycles), timing);
    if (end === undefined) return Promise.resolve(DONE);
    const path = pathOf(SUBSCRIPTIONS_PATH, changed.id);
    return afterwards(async () => {
      const ended = await unlessCanceled(this.client, changed.id, () =>
        this.post(path, { ...end }, call, 'end'),
      );
      return ended.known ? DONE : ended;
    });
  }

  private async changeCard({ id, customerId }: StripeSubscription, call: ProviderCall): Promise<Changed> {
    const cardId = recordedText(call.request, 'providerSourceId');
    await assertHolds(this.client, customerId, cardId);
    return this.post(pathOf(SUBSCRIPTIONS_PATH, id), { default_payment_method: cardId }, call);
  }

  /** Stripe's panel can pause the charging alone, which is lifted in another way. */
  private async resume(now: StripeSubscription, call: ProviderCall): Promise<Changed> {
    const path = pathOf(SUBSCRIPTIONS_PATH, now.id);
    if (now.collectionPaused) return this.post(path, { pause_collection: '' }, call, 'collect');
    if (call.sentBefore !== undefined && now.fact.status !== 'paused') return DONE;
    return this.post(`${path}/resume`, recordedParams(call.request, 'params'), call);
  }

  private async cancel(now: StripeSubscription, call: ProviderCall): Promise<Changed> {
    const path = pathOf(SUBSCRIPTIONS_PATH, now.id);
    if (call.request.atPeriodEnd === true) return this.post(path, { cancel_at_period_end: true }, call);
    if (now.fact.status === 'canceled') return DONE;
    try {
      const answer = await this.client.delete(path);
      return answer.known ? DONE : answer;
    } catch (error) {
      // Somebody else may have been faster.
      if (!(error instanceof ProviderError) || error.retryable) throw error;
      if ((await subscriptionNow(this.client, now.id)).fact.status !== 'canceled') throw error;
      return DONE;
    }
  }

  /** Moves money, so what was sent is only looked at. The oldest month that is owed comes first. */
  private async retry(id: string, call: ProviderCall): Promise<Changed> {
    if (call.sentBefore !== undefined) return DONE;
    const owed = await this.owed(id);
    const [invoice] = owed;
    if (invoice === undefined) throw nothingDue();
    const path = pathOf(INVOICES_PATH, invoice.id);
    if (invoice.isHeldBack) {
      // Stripe is not to collect it as well. To finalize moves no money: it may be repeated.
      const held = { auto_advance: false };
      const finalized = await unlessSo(
        () => this.client.post(`${path}/finalize`, held, `${call.operationId}:finalize`),
        async () => (await this.statusOf(path)) === 'open',
      );
      if (!finalized.known) return finalized;
    }
    const paid = await unlessSo(
      () => this.client.post(`${path}/pay`, { off_session: true }, call.operationId),
      async () => (await this.statusOf(path)) === 'paid',
    );
    return paid.known ? { known: true, value: owed.map((one) => one.id) } : paid;
  }

  /**
   * The invoices that wait to be paid, oldest first: open ones, and drafts that pile up behind them where the account's
   * rule leaves a subscription unpaid. A draft that Stripe is about to collect is not among them.
   */
  private async owed(id: string): Promise<StripeInvoice[]> {
    const lists = ['draft', 'open'].map((status) =>
      this.client.all(INVOICES_PATH, { subscription: id, status }),
    );
    const [drafts = [], open = []] = (await Promise.all(lists)).map((list) =>
      list.flatMap((one) => readInvoice(one) ?? []),
    );
    return [...drafts.filter(({ isHeldBack }) => isHeldBack), ...open]
      .filter(({ subscriptionId, amountDue }) => subscriptionId === id && amountDue > 0)
      .toReversed()
      .toSorted((a, b) => a.created.getTime() - b.created.getTime());
  }

  private async statusOf(path: string): Promise<unknown> {
    return jsonOf(await this.client.get(path)).status;
  }

  private async post(path: string, params: Json, call: ProviderCall, step?: string): Promise<Changed> {
    const key = step === undefined ? call.operationId : `${call.operationId}:${step}`;
    const answer = await this.client.post(path, params, key);
    if (!answer.known) return answer;
    return readSubscription(answer.value) === undefined
      ? { known: false, error: unusableAnswer('not_a_subscription') }
      : DONE;
  }
}

/** Somebody else may have been faster: a refusal of what is so by now is none. */
async function unlessSo(
  work: () => Promise<Outcome<unknown>>,
  isSo: () => Promise<boolean>,
): Promise<Outcome<unknown>> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ProviderError) || error.kind !== 'invalid_request' || !(await isSo())) throw error;
    return { known: true, value: undefined };
  }
}
