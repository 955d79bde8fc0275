import { billedFor, type SubscriptionFact, type SubscriptionPeriod } from '../../billing.facts.js';
import type { CompleteSubject } from '../../billing.ports.js';
import type { Fact } from '../../facts.js';
import { integerOf, isJson, type Json, jsonOf, timeOf } from '../../json.read.js';
import { ProviderError } from '../../provider.errors.js';
import type { Outcome } from '../../provider.port.js';
import type { StripeAccount } from '../stripe.account.js';
import { readCharge } from '../payment/stripe.charge.js';
import type { StripeBillingCalls } from '../stripe.client.js';
import { disputeFact } from '../payment/stripe.dispute.js';
import { unusableAnswer } from '../stripe.errors.js';
import type { FactSource } from '../webhook/stripe.event.js';
import { readIntent } from '../payment/stripe.intent.js';
import { readInvoice, type StripeInvoice } from './stripe.invoice.js';
import { periodOf } from './stripe.period.js';
import { refundFactOf } from '../payment/stripe.refund.js';
import { pathOf } from '../stripe.request.js';
import { readSubscription, type StripeSubscription } from './stripe.subscription.js';

export const SUBSCRIPTIONS_PATH = '/v1/subscriptions';
export const INVOICES_PATH = '/v1/invoices';
const INVOICE_PAYMENTS_PATH = '/v1/invoice_payments';
const ITEMS_PATH = '/v1/subscription_items';
/** Stripe's clock may be behind ours. */
const CLOCK_SLACK_SECONDS = 600;

/** @throws ProviderError */
export async function subscriptionNow(client: StripeBillingCalls, id: string): Promise<StripeSubscription> {
  const answer = jsonOf(await client.get(pathOf(SUBSCRIPTIONS_PATH, id)));
  const items = await wholeList(client, answer.items, ITEMS_PATH, { subscription: id });
  const subscription = readSubscription({ ...answer, items });
  if (subscription?.id !== id) throw unusableAnswer('not_the_subscription');
  return subscription;
}

/**
 * For what is still to be done with a subscription that somebody else may have canceled by now: then there is nothing
 * left to do, and to be refused for ever is no doubt.
 */
export async function unlessCanceled(
  client: StripeBillingCalls,
  id: string,
  work: () => Promise<Outcome<unknown>>,
): Promise<Outcome<unknown>> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ProviderError) || error.retryable) throw error;
    if ((await subscriptionNow(client, id)).fact.status !== 'canceled') throw error;
    return { known: true, value: undefined };
  }
}

/** What of a subject Stripe is asked by. */
export type ReadSubject = Pick<CompleteSubject, 'providerSubscriptionId' | 'periodIds' | 'since'>;

/** The subscription with the periods that were asked for and the latest one. @throws ProviderError */
export async function readWithPeriods(
  client: StripeBillingCalls,
  subject: ReadSubject,
  account: StripeAccount,
): Promise<SubscriptionFact> {
  const subscription = await subscriptionNow(client, subject.providerSubscriptionId);
  const { latestInvoiceId } = subscription;
  const ids = new Set([
    ...subject.periodIds,
    ...(subject.since === undefined ? [] : await madeSince(client, subscription.id, subject.since)),
    ...(latestInvoiceId === undefined ? [] : [latestInvoiceId]),
  ]);
  const invoices = await Promise.all([...ids].map((id) => invoiceNow(client, id)));
  const ours = invoices
    .filter((invoice) => invoice !== undefined)
    .filter((invoice) => invoice.subscriptionId === subscription.id)
    .map((invoice) => (isOfTrial(subscription, invoice) ? { ...invoice, offCycle: true } : invoice))
    .toSorted((a, b) => a.created.getTime() - b.created.getTime());
  const read = await Promise.all(ours.map((invoice) => readPeriod(client, invoice, account)));
  const { items, itemId } = subscription;
  const plan = items.find((item) => item.itemId === itemId);
  const periods = read
    .filter((period) => period !== undefined)
    .map((period) => (plan === undefined ? period : { ...period, ...billedFor(period.spans ?? [], plan) }))
    // Which of several items is the plan is not for this to say.
    .map(({ spans, ...period }) => (items.length > 1 ? { ...period, spans } : period));
  return { ...subscription.fact, periods };
}

/** A trial begins with an invoice, which has no cycle yet: of nothing, or of what is sold beside the plan. */
function isOfTrial({ trialStart, trialEnd, fact }: StripeSubscription, { created }: StripeInvoice): boolean {
  return trialEnd !== undefined && created >= (trialStart ?? fact.createdAt) && created < trialEnd;
}

/** Invoices of which no event came may lie between those that are known and the latest one. */
async function madeSince(client: StripeBillingCalls, id: string, since: Date): Promise<string[]> {
  const createdFrom = Math.floor(since.getTime() / 1000) - CLOCK_SLACK_SECONDS;
  const invoices = await client.all(INVOICES_PATH, {
    subscription: id,
    'created[gte]': String(createdFrom),
  });
  return invoices.flatMap((invoice) => readInvoice(invoice)?.id ?? []);
}

/** An embedded list holds its first page alone. */
async function wholeList(
  client: StripeBillingCalls,
  list: unknown,
  path: string,
  query: Readonly<Record<string, string>>,
): Promise<Json> {
  return jsonOf(list).has_more === true ? { data: await client.all(path, query) } : jsonOf(list);
}

/** Undefined for an invoice that is deleted: drafts can be. */
async function invoiceNow(client: StripeBillingCalls, id: string): Promise<StripeInvoice | undefined> {
  try {
    const path = pathOf(INVOICES_PATH, id);
    const invoice = jsonOf(await client.get(path, { 'expand[]': 'payments' }));
    const [payments, lines] = await Promise.all([
      wholeList(client, invoice.payments, INVOICE_PAYMENTS_PATH, { invoice: id }),
      wholeList(client, invoice.lines, `${path}/lines`, {}),
    ]);
    return readInvoice({ ...invoice, payments, lines });
  } catch (error) {
    if (error instanceof ProviderError && error.kind === 'not_found') return undefined;
    throw error;
  }
}

/** Undefined while nothing was asked for, as of a draft, and of what ends in nothing without being paid. */
async function readPeriod(
  client: StripeBillingCalls,
  invoice: StripeInvoice,
  { livemode, clock }: StripeAccount,
): Promise<SubscriptionPeriod | undefined> {
  const { intentId } = invoice;
  const source = { livemode, at: clock.now(), eventId: undefined };
  if (invoice.amountDue === 0)
    return invoice.paidAt === undefined || invoice.offCycle
      ? undefined
      : periodOf(invoice, undefined, [], source);
  if (intentId === undefined)
    return invoice.paidAs === undefined ? undefined : periodOf(invoice, undefined, [], source);
  const [answer, charges] = await Promise.all([
    client.get(pathOf('/v1/payment_intents', intentId), { 'expand[]': 'latest_charge' }),
    client.all('/v1/charges', { payment_intent: intentId }),
  ]);
  const intent = readIntent(answer);
  if (intent?.id !== intentId) throw unusableAnswer('not_the_payment_intent');
  const period = periodOf(invoice, intent, charges, source);
  const back = await Promise.all(charges.map((charge) => moneyBackOf(client, charge, source)));
  return { ...period, payment: [...period.payment, ...back.flat()] };
}

/** Its own events said so, perhaps before anybody knew that the payment is ours. */
async function moneyBackOf(client: StripeBillingCalls, value: unknown, source: FactSource): Promise<Fact[]> {
  const charge = readCharge(value);
  if (charge === undefined || !isJson(value)) return [];
  const query = { charge: charge.id };
  const wasRefunded = (integerOf(value.amount_refunded) ?? 0) > 0;
  const refunds = wasRefunded ? await client.all('/v1/refunds', query) : [];
  const disputes = charge.disputed ? await client.all('/v1/disputes', query) : [];
  const { provider, providerPaymentId, chargeId } = charge.ref;
  const ref = { provider, providerPaymentId, chargeId };
  const at = (one: unknown): FactSource => ({ ...source, at: timeOf(jsonOf(one).created) ?? source.at });
  return [
    ...refunds.map((one) => refundFactOf(charge, one, at(one), ref)),
    ...disputes.map((one) => disputeFact(one, at(one), ref)),
  ].filter((fact) => fact !== undefined);
}
