import type { PeriodFailure, SubscriptionPeriod } from '../../billing.facts.js';
import type { PaymentFact, PaymentFactName, PaymentRef } from '../../facts.js';
import { chargeFailedFacts } from '../payment/stripe.charge.facts.js';
import type { StripeCharge } from '../payment/stripe.charge.read.js';
import { intentFacts } from '../payment/stripe.intent.facts.js';
import type { StripeIntent } from '../payment/stripe.intent.read.js';
import { type FactSource, STRIPE } from '../stripe.account.js';
import { fromStripeAmount } from '../stripe.money.js';
import type { StripeInvoice } from './stripe.invoice.read.js';

/**
 * What one invoice bills, from it, its payment intent and every charge of that, newest first. Pure.
 * @param intent undefined where the invoice never had one, and was paid without.
 */
export function periodOf(
  invoice: StripeInvoice,
  intent: StripeIntent | undefined,
  charges: readonly StripeCharge[],
  source: FactSource,
): SubscriptionPeriod {
  const attempts = charges.toReversed().filter(({ status }) => status === 'failed');
  return {
    periodId: invoice.id,
    ...(invoice.offCycle && { offCycle: true }),
    spans: invoice.spans,
    money: fromStripeAmount(invoice.amountDue, invoice.currency),
    failures: [...attempts.map(failureOf), ...unchargedAttempts(invoice, intent, charges.length, source)],
    nextAttemptAt: invoice.nextAttempt,
    hostedInvoiceUrl: invoice.hostedUrl,
    paidAt: invoice.paidAt,
    ...(invoice.closed && { closed: invoice.closed }),
    providerPaymentId: intent?.id ?? invoice.id,
    // What came down to nothing after it was asked for has nothing more to tell.
    payment: invoice.amountDue === 0 ? [] : paymentFacts(invoice, intent, attempts, source),
  };
}

function failureOf({ id, created, outcomeReason, failureCode }: StripeCharge): PeriodFailure {
  return { attemptId: id, at: created, reason: outcomeReason ?? failureCode };
}

/**
 * Attempts without a charge: there was no card, or the bank wants to see the customer first. Stripe counts them and
 * keeps nothing of each, so they are named by how many there were.
 */
function unchargedAttempts(
  invoice: StripeInvoice,
  intent: StripeIntent | undefined,
  charges: number,
  { at }: FactSource,
): PeriodFailure[] {
  const reason = intent && reasonWithoutCharge(intent);
  const length = Math.max(0, invoice.attempts - charges);
  if (reason === undefined) return [];
  return Array.from({ length }, (_, index) => ({
    attemptId: `${invoice.id}:${index + 1}`,
    // Only of the first one it is known when it was.
    at: index === 0 && charges === 0 ? (invoice.finalizedAt ?? at) : at,
    reason,
  }));
}

/** Undefined where something else is awaited, such as a voucher's payment. */
function reasonWithoutCharge({ status, voucher, lastError }: StripeIntent): string | undefined {
  if (status === 'requires_action') return voucher === undefined ? 'authentication_required' : undefined;
  if (status !== 'requires_payment_method') return undefined;
  // What an earlier attempt's charge was declined for is not why this one had none.
  if (lastError === undefined || lastError.chargeId !== undefined) return 'no_payment_method';
  return lastError.code === 'payment_intent_authentication_failure'
    ? 'authentication_required'
    : (lastError.code ?? 'no_payment_method');
}

function paymentFacts(
  invoice: StripeInvoice,
  intent: StripeIntent | undefined,
  attempts: readonly StripeCharge[],
  source: FactSource,
): PaymentFact[] {
  // Whatever metadata it has is not ours to go by: the payment is the subscription's.
  const ref: PaymentRef = {
    provider: STRIPE,
    providerPaymentId: intent?.id ?? invoice.id,
    chargeId: intent?.ref.chargeId,
  };
  const declined = attempts.flatMap((charge) =>
    chargeFailedFacts(charge, ref, { ...source, at: charge.created }),
  );
  // Nobody charges an intent any more whose invoice was paid some other way, however it stands.
  if (invoice.paidAs !== undefined && intent?.status !== 'succeeded')
    return [
      ...declined,
      endFact('succeeded', invoice, { ...ref, chargeId: invoice.paidAs }, invoice.paidAt, source),
    ];
  const told = new Set(declined.map(({ attemptId }) => attemptId));
  const now = intent === undefined ? [] : intentFacts(intent, ref, source);
  const facts = [
    ...declined,
    ...now.filter(({ attemptId }) => attemptId === undefined || !told.has(attemptId)),
  ];
  const { closed } = invoice;
  if (closed === undefined || intent?.status === 'succeeded' || intent?.status === 'canceled') return facts;
  if (closed.as === 'void') return [...facts, endFact('canceled', invoice, ref, closed.at, source)];
  return [...facts, { ...endFact('failed', invoice, ref, closed.at, source), reason: closed.as }];
}

/**
 * The invoice's word for its payment: paid by cash, a transfer or another provider, or let go. Stripe leaves the intent
 * of an uncollectible one as it was.
 */
function endFact(
  name: PaymentFactName,
  invoice: StripeInvoice,
  ref: PaymentRef,
  at: Date | undefined,
  source: FactSource,
): PaymentFact {
  return {
    kind: 'payment',
    name,
    ref,
    livemode: source.livemode,
    occurredAt: at ?? source.at,
    money: fromStripeAmount(invoice.amountDue, invoice.currency),
  };
}
