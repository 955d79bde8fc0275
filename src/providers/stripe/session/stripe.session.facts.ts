import { joinRefs, type PaymentFact, type PaymentFactName } from '../../facts.js';
import { paymentFact } from '../payment/stripe.charge.facts.js';
import { intentFacts, pendingFact } from '../payment/stripe.intent.facts.js';
import type { StripeIntent } from '../payment/stripe.intent.read.js';
import type { FactSource } from '../stripe.account.js';
import type { StripeSession } from './stripe.session.read.js';

export function openedFact(session: StripeSession, source: FactSource): PaymentFact {
  const fact = sessionFact('opened', session, { ...source, at: session.created });
  return { ...fact, checkoutUrl: session.url, expiresAt: session.expiresAt };
}

export function sessionExpiredFact(session: StripeSession, source: FactSource): PaymentFact {
  const at = new Date(Math.min(session.expiresAt.getTime(), source.at.getTime()));
  return sessionFact('expired', session, { ...source, at });
}

/**
 * The customer is done with the page. The payment intent tells the result: `unpaid` is an open voucher as well as a
 * card that is only authorized. Without anything to pay there is no intent: that is paid.
 */
export function completedFacts(
  session: StripeSession,
  intent: StripeIntent | undefined,
  source: FactSource,
): PaymentFact[] {
  if (intent === undefined) {
    if (session.paymentStatus === 'no_payment_required') return [sessionFact('succeeded', session, source)];
    return session.paymentStatus === 'unpaid' ? [sessionFact('pending', session, source)] : [];
  }
  const ref = joinRefs(session.ref, intent.ref);
  const moved = intentFacts(intent, ref, source).filter(
    ({ name }) => name === 'succeeded' || name === 'authorized',
  );
  if (session.paymentStatus !== 'unpaid' || intent.status === 'requires_capture') return moved;
  return [pendingFact(intent, ref, source), ...moved];
}

/** Without the charge, which only the payment intent has. */
export function sessionFact(name: PaymentFactName, session: StripeSession, source: FactSource): PaymentFact {
  return paymentFact(name, session, session.ref, source);
}
