import type { PeriodFailure, SubscriptionPeriod } from '../../billing.facts.js';
import type { PaymentFact, PaymentRef } from '../../facts.js';
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
 * One cycle, from its invoice, the invoice's payment intent and every charge of that, newest first. Pure.
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
    start: invoice.start,
    end: invoice.end,
    money: fromStripeAmount(invoice.amountDue, invoice.currency),
    failures: attempts.flatMap(failureOf),
    nextAttemptAt: invoice.nextAttempt,
    paidAt: invoice.paidAt,
    providerPaymentId: intent?.id ?? invoice.id,
    payment: paymentFacts(invoice, intent, attempts, source),
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
    return [...declined, paidFact(invoice, { ...ref, chargeId: invoice.paidAs }, source)];
  const told = new Set(declined.map(({ attemptId }) => attemptId));
  const now = intent === undefined ? [] : intentFacts(intent, ref, source);
  return [...declined, ...now.filter(({ attemptId }) => attemptId === undefined || !told.has(attemptId))];
}

/** The subscription goes on as paid, so its payment is too: by cash, a transfer or another provider. */
function paidFact(invoice: StripeInvoice, ref: PaymentRef, { livemode, at }: FactSource): PaymentFact {
  return {
    kind: 'payment',
    name: 'succeeded',
    ref,
    livemode,
    occurredAt: invoice.paidAt ?? at,
    money: fromStripeAmount(invoice.amountDue, invoice.currency),
  };
}
