import type { Clock } from '../../../kernel/clock.js';
import type { SubscriptionCommand } from '../../billing.ports.js';
import { idOf, type Json, jsonOf, listOf, textOf } from '../../json.read.js';
import { ProviderError } from '../../provider.errors.js';
import type { Outcome, ProviderCall } from '../../provider.port.js';
import type { StripeBillingCalls } from '../stripe.client.js';
import { assertHolds } from '../customer/stripe.customer.read.js';
import { readCycles } from './stripe.cycles.js';
import { notAllowed, nothingDue, unusableAnswer } from '../stripe.errors.js';
import { readInvoice, type StripeInvoice } from './stripe.invoice.js';
import { afterwards, mustLookFirst } from '../stripe.repeat.js';
import { pathOf, recordedParams, recordedText } from '../stripe.request.js';
import { endOfChanged, endOfCyclesOf } from './stripe.subscription.end.js';
import {
  PLAN_MARK,
  readSubscription,
  type StripeItem,
  type StripeSubscription,
} from './stripe.subscription.js';
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
  change_plan: ({ items }, { price }) => items.some(({ providerPlanId }) => providerPlanId === price),
  change_card: ({ fact }, { providerSourceId }) => fact.providerSourceId === providerSourceId,
  pause_subscription: ({ fact }) => fact.status === 'paused',
  resume_subscription: ({ fact }) => fact.status !== 'paused',
  cancel_subscription: ({ fact }, { atPeriodEnd }) =>
    fact.status === 'canceled' || (atPeriodEnd === true && fact.cancelAtPeriodEnd),
  undo_cancel_subscription: ({ fact, expiryCount, cancelAt }) =>
    !fact.cancelAtPeriodEnd && (expiryCount === undefined || cancelAt !== undefined),
};

/**
 * The item that a change of plan replaces: never an add-on.
 * @throws ProviderError not_allowed where it is not known which of several items is the plan.
 */
function planItemOf({ items }: StripeSubscription, { presentPlanIds }: Json): StripeItem {
  const known = new Set(listOf(presentPlanIds));
  const byPrice = items.filter(({ providerPlanId }) => known.has(providerPlanId));
  const one = items.length === 1 || byPrice.length === 1 ? (byPrice[0] ?? items[0]) : undefined;
  const item = items.find(({ isPlan }) => isPlan) ?? one;
  if (item !== undefined) return item;
  throw notAllowed(
    'plan_unclear',
    'the subscription has several items at Stripe, and none of them is known to be its plan: give that item the metadata isPlan = true there',
  );
}

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
      if (kind === 'change_plan') return this.setEnd(now, call);
      return kind === 'cancel_subscription' ? this.closeInvoices(id, call) : DONE;
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
      case 'cancel_subscription': {
        const ended = await this.cancel(now, call);
        return ended.known ? this.closeInvoices(id, call) : ended;
      }
      case 'undo_cancel_subscription':
        return this.undoCancel(now, call);
    }
  }

  /** Add-ons stay, and so does the number of seats. */
  private async changePlan(now: StripeSubscription, call: ProviderCall): Promise<Changed> {
    const price = recordedText(call.request, 'price');
    const { itemId: id, quantity } = planItemOf(now, call.request);
    const item = {
      id,
      price,
      ...(quantity !== undefined && quantity !== 1 && { quantity }),
      ...(now.items.length > 1 && { metadata: PLAN_MARK }),
    };
    const params = { items: [item], ...recordedParams(call.request, 'params') };
    const answer = await this.client.post(pathOf(SUBSCRIPTIONS_PATH, now.id), params, call.operationId);
    if (!answer.known) return answer;
    const changed = readSubscription(answer.value);
    return changed === undefined
      ? { known: false, error: unusableAnswer('not_a_subscription') }
      : this.setEnd(changed, call);
  }

  private setEnd(changed: StripeSubscription, call: ProviderCall): Promise<Changed> {
    const timing = call.request.timing === 'immediately' ? 'immediately' : 'at_period_end';
    const { price } = call.request;
    const item = changed.items.find(({ providerPlanId }) => providerPlanId === price);
    const ofItem = item && { itemStart: item.periodStart, itemEnd: item.periodEnd };
    const end = endOfChanged({ ...changed, ...ofItem }, readCycles(call.request.cycles), timing);
    if (end === undefined) return Promise.resolve(DONE);
    return this.postEnd(changed.id, { ...end }, call);
  }

  /** The end that a subscription's cycles have, set once the change itself is made. */
  private postEnd(id: string, params: Json, call: ProviderCall): Promise<Changed> {
    const path = pathOf(SUBSCRIPTIONS_PATH, id);
    return afterwards(async () => {
      const ended = await unlessCanceled(this.client, id, () => this.post(path, params, call, 'end'));
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
    const comment = textOf(call.request.comment);
    if (call.request.atPeriodEnd === true) return this.cancelAtPeriodEnd(now, comment, call);
    if (now.fact.status === 'canceled') return DONE;
    const query = { ...(comment !== undefined && { 'cancellation_details[comment]': comment }) };
    const answer = await unlessCanceled(this.client, now.id, () => this.client.delete(path, query));
    return answer.known ? DONE : answer;
  }

  /** What is so already is not sent again: the same key with other parameters would be refused. */
  private async cancelAtPeriodEnd(
    { id, fact, cancelAt, expiryCount }: StripeSubscription,
    comment: string | undefined,
    call: ProviderCall,
  ): Promise<Changed> {
    if (fact.cancelAtPeriodEnd && (comment === undefined || comment === fact.cancelComment)) return DONE;
    const params = {
      cancel_at_period_end: true,
      ...(comment !== undefined && { cancellation_details: { comment } }),
      // Stripe puts the new end in the place of the one that the cycles have; should this be undone, it is set again.
      ...(!fact.cancelAtPeriodEnd &&
        expiryCount !== undefined &&
        cancelAt !== undefined && { metadata: { cyclesEnd: String(cancelAt.getTime() / 1000) } }),
    };
    return this.post(pathOf(SUBSCRIPTIONS_PATH, id), params, call);
  }

  /** The panel may have set the end as a date. */
  private async undoCancel(now: StripeSubscription, call: ProviderCall): Promise<Changed> {
    const path = pathOf(SUBSCRIPTIONS_PATH, now.id);
    if (now.fact.cancelAtPeriodEnd) {
      const params = now.endsByDate ? { cancel_at: '' } : { cancel_at_period_end: false };
      const undone = await this.post(path, params, call);
      if (!undone.known) return undone;
    }
    const end =
      now.expiryCount === undefined ? undefined : endOfCyclesOf(now, readCycles(call.request.cycles));
    if (end === undefined) return DONE;
    return this.postEnd(now.id, { ...end, metadata: { cyclesEnd: '' } }, call);
  }

  /**
   * Closes what the subscription still owes, where that was asked for. Each time it is looked for anew, so a repeat goes
   * on where the call before it ended.
   * @throws ProviderError where Stripe refuses to close an invoice: the subscription itself is canceled by then.
   */
  private async closeInvoices(id: string, call: ProviderCall): Promise<Changed> {
    if (call.request.openInvoices !== 'void') return DONE;
    const closed: string[] = [];
    try {
      for (const status of ['draft', 'open']) {
        const owed = await this.client.all(INVOICES_PATH, { subscription: id, status });
        for (const invoiceId of owed.flatMap((invoice) => idOf(invoice) ?? [])) {
          const done = await this.closeInvoice(invoiceId, status === 'draft', call);
          if (!done.known) return done;
          closed.push(invoiceId);
        }
      }
      return { known: true, value: closed };
    } catch (error) {
      if (error instanceof ProviderError && error.retryable) return { known: false, error };
      throw error;
    }
  }

  /** A draft of a subscription cannot be deleted, and only what was finalized can be voided. */
  private async closeInvoice(id: string, isDraft: boolean, call: ProviderCall): Promise<Outcome<unknown>> {
    const path = pathOf(INVOICES_PATH, id);
    const key = `${call.operationId}:${id}`;
    try {
      if (isDraft) {
        const params = { auto_advance: false };
        const final = await this.client.post(`${path}/finalize`, params, `${key}:finalize`);
        if (!final.known) return final;
      }
      return await this.client.post(`${path}/void`, {}, `${key}:void`);
    } catch (error) {
      if (!(error instanceof ProviderError) || error.retryable) throw error;
      // Paid, voided or written off meanwhile: nothing is left to close.
      const { status } = jsonOf(await this.client.get(path));
      if (status === 'draft' || status === 'open') throw error;
      return { known: true, value: undefined };
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
