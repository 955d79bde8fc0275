import { billedFor, type SubscriptionPeriod } from '../../billing.facts.js';
import type { CompleteSubject } from '../../billing.ports.js';
import { idOf, type Json, jsonOf, secondsBefore } from '../../json.read.js';
import {
  andThen,
  known,
  orInDoubt,
  type Outcome,
  type ProviderCall,
  unlessRefused,
  unlessUnknown,
} from '../../provider.calls.js';
import { readCharge } from '../payment/stripe.charge.read.js';
import { intentWithId, moneyBackOf } from '../payment/stripe.intents.js';
import { askedNow, type StripeAccount } from '../stripe.account.js';
import { type StripeBillingCalls, wholeList } from '../stripe.client.js';
import { stripeError } from '../stripe.errors.js';
import { keyOf, pathOf } from '../stripe.request.js';
import { readInvoice, type StripeInvoice } from './stripe.invoice.read.js';
import { periodOf } from './stripe.period.facts.js';
import type { StripeSubscription } from './stripe.subscription.read.js';

const INVOICES_PATH = '/v1/invoices';
const INVOICE_PAYMENTS_PATH = '/v1/invoice_payments';

/** The periods asked for, those since, and the latest one; oldest first. @throws ProviderError */
export async function periodsOf(
  client: StripeBillingCalls,
  subscription: StripeSubscription,
  { periodIds, since }: Pick<CompleteSubject, 'periodIds' | 'since'>,
  account: StripeAccount,
): Promise<SubscriptionPeriod[]> {
  const { id, latestInvoiceId, items, itemId } = subscription;
  // Invoices without an event may lie between the known ones and the latest.
  const lately = since && { subscription: id, 'created[gte]': String(secondsBefore(since)) };
  const unheard = lately === undefined ? [] : invoicesIn(await client.all(INVOICES_PATH, lately));
  const latest = latestInvoiceId === undefined ? [] : [latestInvoiceId];
  const ids = new Set([...periodIds, ...unheard.map((invoice) => invoice.id), ...latest]);
  const invoices = await Promise.all([...ids].map((one) => invoiceNow(client, one)));
  const ours = invoices
    .filter((invoice) => invoice !== undefined)
    .filter((invoice) => invoice.subscriptionId === id)
    .map((invoice) => (isOfTrial(subscription, invoice) ? { ...invoice, offCycle: true } : invoice))
    .toSorted((a, b) => a.created.getTime() - b.created.getTime());
  const read = await Promise.all(ours.map((invoice) => readPeriod(client, invoice, account)));
  const plan = items.find((item) => item.itemId === itemId);
  return read
    .filter((period) => period !== undefined)
    .map(({ spans = [], ...period }) => ({
      ...period,
      ...(plan && billedFor(spans, plan)),
      // Of several items, the caller knows the plan.
      ...(items.length > 1 && { spans }),
    }));
}

/** A trial begins with an invoice of no cycle: of nothing, or of what is sold beside the plan. */
function isOfTrial({ trialStart, trialEnd, fact }: StripeSubscription, { created }: StripeInvoice): boolean {
  return trialEnd !== undefined && created >= (trialStart ?? fact.createdAt) && created < trialEnd;
}

function invoicesIn(rows: readonly unknown[]): StripeInvoice[] {
  return rows.flatMap((row) => readInvoice(row) ?? []);
}

/** Undefined for a deleted draft. */
function invoiceNow(client: StripeBillingCalls, id: string): Promise<StripeInvoice | undefined> {
  const path = pathOf(INVOICES_PATH, id);
  return unlessUnknown(async () => {
    const invoice = jsonOf(await client.get(path, { 'expand[]': 'payments' }));
    const [payments, lines] = await Promise.all([
      wholeList(client, invoice.payments, INVOICE_PAYMENTS_PATH, { invoice: id }),
      wholeList(client, invoice.lines, `${path}/lines`, {}),
    ]);
    return readInvoice({ ...invoice, payments, lines });
  });
}

/** Undefined while nothing is charged, as for a draft, and for what ends in nothing without being paid. */
async function readPeriod(
  client: StripeBillingCalls,
  invoice: StripeInvoice,
  account: StripeAccount,
): Promise<SubscriptionPeriod | undefined> {
  const { intentId, amountDue, paidAt, paidAs, offCycle } = invoice;
  const source = askedNow(account);
  if (amountDue === 0 || intentId === undefined) {
    const isTold = amountDue === 0 ? paidAt !== undefined && !offCycle : paidAs !== undefined;
    return isTold ? periodOf(invoice, undefined, [], source) : undefined;
  }
  const [answer, rows] = await Promise.all([
    client.get(pathOf('/v1/payment_intents', intentId), { 'expand[]': 'latest_charge' }),
    client.all('/v1/charges', { payment_intent: intentId }),
  ]);
  const intent = intentWithId(answer, intentId);
  const charges = rows.flatMap((row) => readCharge(row) ?? []);
  const period = periodOf(invoice, intent, charges, source);
  const back = charges.map((charge) => {
    // Without ids of ours: the subscription knows whose payment it is.
    const { provider, providerPaymentId, chargeId } = charge.ref;
    const ref = { provider, providerPaymentId, chargeId };
    return moneyBackOf(client, charge, ref, source, charge.amountRefunded > 0);
  });
  return { ...period, payment: [...period.payment, ...(await Promise.all(back)).flat()] };
}

/**
 * Closes what a subscription still owes. A repeat goes on where the call before it ended.
 * @returns the invoices.
 * @throws ProviderError where Stripe refuses to close one, after the subscription itself was canceled.
 */
export function closeOwed(
  client: StripeBillingCalls,
  subscription: string,
  call: ProviderCall,
): Promise<Outcome<string[]>> {
  return orInDoubt(async () => {
    const closed: string[] = [];
    for (const status of ['draft', 'open']) {
      const owed = await client.all(INVOICES_PATH, { subscription, status });
      for (const id of owed.flatMap((invoice) => idOf(invoice) ?? [])) {
        // A subscription's draft cannot be deleted, and only what was finalized can be voided.
        const key = `${call.operationId}:${id}`;
        const final = status === 'draft' ? finalize(client, id, `${key}:finalize`) : known(undefined);
        const isClosed = (now: unknown): boolean => now !== 'draft' && now !== 'open';
        const done = await andThen(final, () => act(client, id, 'void', {}, `${key}:void`, isClosed));
        if (!done.known) return done;
        closed.push(id);
      }
    }
    return known(closed);
  });
}

/** Collects the oldest invoice owed. @returns all that are. @throws ProviderError nothing_due */
export async function payOwed(
  client: StripeBillingCalls,
  subscription: string,
  call: ProviderCall,
): Promise<Outcome<string[]>> {
  const owed = await invoicesOwed(client, subscription);
  const [invoice] = owed;
  if (invoice === undefined) throw stripeError('nothing_due');
  const { id, isHeldBack } = invoice;
  const final = isHeldBack ? finalize(client, id, keyOf(call, 'finalize')) : known(undefined);
  const isPaid = (now: unknown): boolean => now === 'paid';
  const paid = andThen(final, () => act(client, id, 'pay', { off_session: true }, keyOf(call), isPaid));
  return andThen(paid, () => known(owed.map((one) => one.id)));
}

/**
 * Oldest first: open invoices, and drafts held back behind them where the account's rule leaves a subscription unpaid.
 * Drafts that Stripe is about to collect are left out.
 */
async function invoicesOwed(client: StripeBillingCalls, subscription: string): Promise<StripeInvoice[]> {
  const lists = ['draft', 'open'].map((status) => client.all(INVOICES_PATH, { subscription, status }));
  const [drafts = [], open = []] = (await Promise.all(lists)).map(invoicesIn);
  return [...drafts.filter(({ isHeldBack }) => isHeldBack), ...open]
    .filter(({ subscriptionId, amountDue }) => subscriptionId === subscription && amountDue > 0)
    .toReversed()
    .toSorted((a, b) => a.created.getTime() - b.created.getTime());
}

/** Moves no money, and may be repeated: Stripe must not collect it as well. */
function finalize(client: StripeBillingCalls, id: string, key: string): Promise<Outcome<unknown>> {
  return act(client, id, 'finalize', { auto_advance: false }, key, (status) => status !== 'draft');
}

/** Somebody else may have been faster: a refusal counts only while the invoice is not so. */
function act(
  client: StripeBillingCalls,
  id: string,
  verb: 'finalize' | 'void' | 'pay',
  params: Json,
  key: string,
  isSo: (status: unknown) => boolean,
): Promise<Outcome<unknown>> {
  return unlessRefused(
    ['invalid_request'],
    () => client.post(pathOf(INVOICES_PATH, id, verb), params, key),
    async (refusal) => {
      const { status } = jsonOf(await client.get(pathOf(INVOICES_PATH, id)));
      if (!isSo(status)) throw refusal;
      return known(undefined);
    },
  );
}
