import type { SubscriptionFact, SubscriptionPeriod, SubscriptionSubject } from '../billing.facts.js';
import { ProviderError } from '../provider.errors.js';
import type { StripeAccount } from './stripe.account.js';
import type { StripeBillingCalls } from './stripe.client.js';
import { unusableAnswer } from './stripe.errors.js';
import { readIntent } from './stripe.intent.js';
import { readInvoice, type StripeInvoice } from './stripe.invoice.js';
import { periodOf } from './stripe.period.js';
import { pathOf } from './stripe.request.js';
import { readSubscription, type StripeSubscription } from './stripe.subscription.js';

export const SUBSCRIPTIONS_PATH = '/v1/subscriptions';
export const INVOICES_PATH = '/v1/invoices';

/** @throws ProviderError */
export async function subscriptionNow(client: StripeBillingCalls, id: string): Promise<StripeSubscription> {
  const subscription = readSubscription(await client.get(pathOf(SUBSCRIPTIONS_PATH, id)));
  if (subscription?.id !== id) throw unusableAnswer('not_the_subscription');
  return subscription;
}

/** The subscription with the periods that were asked for and the latest one. @throws ProviderError */
export async function readWithPeriods(
  client: StripeBillingCalls,
  subject: Pick<SubscriptionSubject, 'providerSubscriptionId' | 'periodIds'>,
  account: StripeAccount,
): Promise<SubscriptionFact> {
  const subscription = await subscriptionNow(client, subject.providerSubscriptionId);
  const { latestInvoiceId } = subscription;
  const ids = new Set([...subject.periodIds, ...(latestInvoiceId === undefined ? [] : [latestInvoiceId])]);
  const invoices = await Promise.all([...ids].map((id) => invoiceNow(client, id)));
  const ours = invoices
    .filter((invoice) => invoice !== undefined)
    .filter((invoice) => invoice.subscriptionId === subscription.id)
    .toSorted((a, b) => a.created.getTime() - b.created.getTime());
  const periods = await Promise.all(ours.map((invoice) => readPeriod(client, invoice, account)));
  return { ...subscription.fact, periods: periods.filter((period) => period !== undefined) };
}

/** Undefined for an invoice that asks for nothing, or is deleted: drafts can be. */
async function invoiceNow(client: StripeBillingCalls, id: string): Promise<StripeInvoice | undefined> {
  try {
    return readInvoice(await client.get(pathOf(INVOICES_PATH, id), { 'expand[]': 'payments' }));
  } catch (error) {
    if (error instanceof ProviderError && error.kind === 'not_found') return undefined;
    throw error;
  }
}

/** Undefined while nothing was asked for: a draft has no payment, nor has what was paid with credit or in cash. */
async function readPeriod(
  client: StripeBillingCalls,
  invoice: StripeInvoice,
  { livemode, clock }: StripeAccount,
): Promise<SubscriptionPeriod | undefined> {
  const { intentId } = invoice;
  if (intentId === undefined) return undefined;
  const [answer, charges] = await Promise.all([
    client.get(pathOf('/v1/payment_intents', intentId), { 'expand[]': 'latest_charge' }),
    client.all('/v1/charges', { payment_intent: intentId }),
  ]);
  const intent = readIntent(answer);
  if (intent?.id !== intentId) throw unusableAnswer('not_the_payment_intent');
  return periodOf(invoice, intent, charges, { livemode, at: clock.now(), eventId: undefined });
}
