import { joinRefs, type PaymentFact, type PaymentFactName } from '../../facts.js';
import { intentFacts, pendingFact } from '../payment/stripe.intent.facts.js';
import type { StripeIntent } from '../payment/stripe.intent.read.js';
import type { FactSource } from '../stripe.account.js';
import { fromStripeAmount } from '../stripe.money.js';
import type { StripeSession } from './stripe.session.read.js';

/** The page is there and can be paid on. */
export function openedFact(session: StripeSession, source: FactSource): PaymentFact {
  const fact = sessionFact('opened', session, { ...source, at: session.created });
  return { ...fact, checkoutUrl: session.url, expiresAt: session.expiresAt };
}

export function sessionExpiredFact(session: StripeSession, source: FactSource): PaymentFact {
  const at = new Date(Math.min(session.expiresAt.getTime(), source.at.getTime()));
  return sessionFact('expired', session, { ...source, at });
}

/**
 * The customer is done with the page. The payment intent says what came of it; `unpaid` is a voucher that is
 * out as well as a card that is only authorized. Where nothing is left to pay there is no intent: that is paid.
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
  const { amountTotal, currency } = session;
  const told = amountTotal !== undefined && currency !== undefined;
  return {
    kind: 'payment',
    name,
    ref: session.ref,
    livemode: source.livemode,
    occurredAt: source.at,
    money: told ? fromStripeAmount(amountTotal, currency) : undefined,
    metadata: session.metadata,
  };
}
