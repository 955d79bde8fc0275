import type { Fact, PaymentRef } from '../../facts.js';
import { jsonOf, timeOf } from '../../json.read.js';
import type { FactSource } from '../stripe.account.js';
import type { StripeReads } from '../stripe.client.js';
import { withId } from '../stripe.errors.js';
import { chargedFacts, chargeFailedFacts } from './stripe.charge.facts.js';
import { readCharge, type StripeCharge } from './stripe.charge.read.js';
import { disputeFact } from './stripe.dispute.facts.js';
import { intentFacts } from './stripe.intent.facts.js';
import { readIntent, type StripeIntent } from './stripe.intent.read.js';
import { refundFactOf } from './stripe.refund.facts.js';

/** @throws ProviderError for an answer that is not this payment intent: it proves nothing. */
export function intentWithId(answer: unknown, id: string): StripeIntent {
  return withId(readIntent(answer), id, 'not_the_payment_intent');
}

/** @throws ProviderError as `intentWithId`. */
export function chargeWithId(answer: unknown, id: string): StripeCharge {
  return withId(readCharge(answer), id, 'not_the_charge');
}

/** The payment intent, its refunds and its disputes. */
export async function retrieveIntent(client: StripeReads, id: string, source: FactSource): Promise<Fact[]> {
  const intent = intentWithId(await client.paymentIntent(id), id);
  const facts = intentFacts(intent, intent.ref, source);
  return [...facts, ...(await moneyBackOf(client, intent.charge, intent.ref, source))];
}

/** By its payment intent, which says more, unless it was made without one. */
export async function retrieveCharge(client: StripeReads, id: string, source: FactSource): Promise<Fact[]> {
  const charge = chargeWithId(await client.charge(id), id);
  const { ref } = charge;
  if (ref.providerPaymentId !== undefined) return retrieveIntent(client, ref.providerPaymentId, source);
  const facts = (charge.status === 'failed' ? chargeFailedFacts : chargedFacts)(charge, ref, source);
  return [...facts, ...(await moneyBackOf(client, charge, ref, source))];
}

/** Refunds and disputes of a charge, oldest first: their events may have come before the payment was known as ours. */
export async function moneyBackOf(
  client: Pick<StripeReads, 'refunds' | 'disputes'>,
  charge: StripeCharge | undefined,
  ref: PaymentRef,
  source: FactSource,
  mayBeRefunded = true,
): Promise<Fact[]> {
  if (charge === undefined || !charge.captured) return [];
  const refunds = mayBeRefunded ? await client.refunds(charge.id) : [];
  const disputes = charge.disputed ? await client.disputes(charge.id) : [];
  const at = (one: unknown): FactSource => ({ ...source, at: timeOf(jsonOf(one).created) ?? source.at });
  return [
    ...refunds.map((one) => refundFactOf(charge, one, at(one), ref)),
    ...disputes.map((one) => disputeFact(one, at(one), ref)),
  ]
    .filter((fact) => fact !== undefined)
    .sort((a, b) => a.occurredAt.getTime() - b.occurredAt.getTime());
}
