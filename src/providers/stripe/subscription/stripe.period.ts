import type { PeriodFailure, SubscriptionPeriod } from '../../billing.facts.js';
import type { PaymentFact, PaymentFactName, PaymentRef } from '../../facts.js';
import { isJson, jsonOf, textOf } from '../../json.read.js';
import { readCharge } from '../payment/stripe.charge.js';
import { chargeFailedFacts } from '../payment/stripe.charge.facts.js';
import type { FactSource } from '../webhook/stripe.event.js';
import type { StripeIntent } from '../payment/stripe.intent.js';
import { intentFacts } from '../payment/stripe.intent.facts.js';
import type { StripeInvoice } from './stripe.invoice.js';
import { fromStripeAmount } from '../stripe.money.js';
import { STRIPE } from '../stripe.name.js';

/**
 * What one invoice bills, from it, its payment intent and every charge of that, newest first. Pure.
 * @param intent undefined where the invoice never had one, and was paid without.
 */
export function periodOf(
  invoice: StripeInvoice,
  intent: StripeIntent | undefined,
  charges: readonly unknown[],
  source: FactSource,
): SubscriptionPeriod {
  const attempts = charges.toReversed().filter(isDeclined);
  return {
    periodId: invoice.id,
    ...(invoice.offCycle && { offCycle: true }),
    spans: invoice.spans,
    money: fromStripeAmount(invoice.amountDue, invoice.currency),
    failures: attempts.flatMap(failureOf),
    nextAttemptAt: invoice.nextAttempt,
    paidAt: invoice.paidAt,
    ...(invoice.closed && { closed: invoice.closed }),
    providerPaymentId: intent?.id ?? invoice.id,
    // What came down to nothing after it was asked for has nothing more to tell.
    payment: invoice.amountDue === 0 ? [] : paymentFacts(invoice, intent, attempts, source),
  };
}

function isDeclined(charge: unknown): boolean {
  return readCharge(charge)?.status === 'failed';
}

function failureOf(value: unknown): PeriodFailure[] {
  const charge = readCharge(value);
  if (charge === undefined) return [];
  const outcome = isJson(value) ? jsonOf(value.outcome) : {};
  // The bank's reason says more than that the card was declined.
  const reason = textOf(outcome.reason) ?? charge.failureCode;
  return [{ attemptId: charge.id, at: charge.created, reason }];
}

function paymentFacts(
  invoice: StripeInvoice,
  intent: StripeIntent | undefined,
  attempts: readonly unknown[],
  source: FactSource,
): PaymentFact[] {
  // Whatever metadata it has is not ours to go by: the payment is the subscription's.
  const ref: PaymentRef = {
    provider: STRIPE,
    providerPaymentId: intent?.id ?? invoice.id,
    chargeId: intent?.ref.chargeId,
  };
  const declined = attempts.flatMap((value) => {
    const charge = readCharge(value);
    return charge === undefined ? [] : chargeFailedFacts(charge, ref, { ...source, at: charge.created });
  });
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
