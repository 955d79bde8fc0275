import type { PeriodFailure, SubscriptionPeriod } from '../../billing.facts.js';
import type { PaymentFact, PaymentFactName, PaymentRef } from '../../facts.js';
import { chargeFailedFacts, paymentFact } from '../payment/stripe.charge.facts.js';
import type { StripeCharge } from '../payment/stripe.charge.read.js';
import { intentFacts } from '../payment/stripe.intent.facts.js';
import type { StripeIntent } from '../payment/stripe.intent.read.js';
import { type FactSource, STRIPE } from '../stripe.account.js';
import { fromStripeAmount } from '../stripe.money.js';
import type { StripeInvoice } from './stripe.invoice.read.js';

/**
 * What one invoice bills. Pure.
 * @param intent undefined where the invoice was paid without one.
 * @param charges of the intent, newest first.
 */
export function periodOf(
  invoice: StripeInvoice,
  intent: StripeIntent | undefined,
  charges: readonly StripeCharge[],
  source: FactSource,
): SubscriptionPeriod {
  const attempts = charges.toReversed().filter(({ status }) => status === 'failed');
  const failures = attempts.map(({ id, created, outcomeReason, failureCode }): PeriodFailure => {
    return { attemptId: id, at: created, reason: outcomeReason ?? failureCode };
  });
  return {
    periodId: invoice.id,
    ...(invoice.offCycle && { offCycle: true }),
    spans: invoice.spans,
    money: fromStripeAmount(invoice.amountDue, invoice.currency),
    failures: [...failures, ...unchargedAttempts(invoice, intent, charges.length, source)],
    nextAttemptAt: invoice.nextAttempt,
    hostedInvoiceUrl: invoice.hostedUrl,
    paidAt: invoice.paidAt,
    ...(invoice.closed && { closed: invoice.closed }),
    providerPaymentId: intent?.id ?? invoice.id,
    // An amount that came down to nothing later has no more to tell.
    payment: invoice.amountDue === 0 ? [] : paymentFacts(invoice, intent, attempts, source),
  };
}

/** Attempts without a charge (no card, or the bank asks for the customer), numbered: Stripe only counts them. */
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
    // Only the first one's time is known.
    at: index === 0 && charges === 0 ? (invoice.finalizedAt ?? at) : at,
    reason,
  }));
}

/** Undefined where Stripe waits for something else, such as a voucher's payment. */
function reasonWithoutCharge({ status, voucher, lastError }: StripeIntent): string | undefined {
  if (status === 'requires_action') return voucher === undefined ? 'authentication_required' : undefined;
  if (status !== 'requires_payment_method') return undefined;
  // An earlier charge's decline is not why this attempt had none.
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
  // Without its metadata: the payment is the subscription's.
  const ref: PaymentRef = {
    provider: STRIPE,
    providerPaymentId: intent?.id ?? invoice.id,
    chargeId: intent?.ref.chargeId,
  };
  const declined = attempts.flatMap((charge) =>
    chargeFailedFacts(charge, ref, { ...source, at: charge.created }),
  );
  // Paid by cash, a transfer or another provider: nobody charges the intent any more.
  const ended = (name: PaymentFactName, at: Date | undefined, chargeId = ref.chargeId): PaymentFact => {
    const { amountDue: amount, currency } = invoice;
    return paymentFact(name, { amount, currency }, { ...ref, chargeId }, { ...source, at: at ?? source.at });
  };
  if (invoice.paidAs !== undefined && intent?.status !== 'succeeded')
    return [...declined, ended('succeeded', invoice.paidAt, invoice.paidAs)];
  const told = new Set(declined.map(({ attemptId }) => attemptId));
  const now = intent === undefined ? [] : intentFacts(intent, ref, source);
  const others = now.filter(({ attemptId }) => attemptId === undefined || !told.has(attemptId));
  const facts = [...declined, ...others];
  const { closed } = invoice;
  if (closed === undefined || intent?.status === 'succeeded' || intent?.status === 'canceled') return facts;
  // Stripe leaves the intent of an uncollectible invoice as it was.
  if (closed.as === 'void') return [...facts, ended('canceled', closed.at)];
  return [...facts, { ...ended('failed', closed.at), reason: closed.as }];
}
