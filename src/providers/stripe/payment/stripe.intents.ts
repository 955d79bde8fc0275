import type { Fact, PaymentRef } from '../../facts.js';
import { jsonOf, timeOf } from '../../json.read.js';
import type { StripeReads } from '../stripe.client.js';
import { unusableAnswer } from '../stripe.errors.js';
import type { FactSource } from '../webhook/stripe.event.js';
import { chargedFacts, chargeFailedFacts } from './stripe.charge.facts.js';
import { readCharge, type StripeCharge } from './stripe.charge.read.js';
import { disputeFact } from './stripe.dispute.facts.js';
import { intentFacts } from './stripe.intent.facts.js';
import { readIntent } from './stripe.intent.read.js';
import { refundFactOf } from './stripe.refund.facts.js';

/** The payment intent with what became of it. */
export async function retrieveIntent(client: StripeReads, id: string, source: FactSource): Promise<Fact[]> {
  const intent = readIntent(await client.paymentIntent(id));
  if (intent?.id !== id) throw unusableAnswer('not_the_payment_intent');
  const facts = intentFacts(intent, intent.ref, source);
  return [...facts, ...(await moneyBackOf(client, intent.charge, intent.ref, source))];
}

/** A charge's payment intent says more; there is none for charges made without one. */
export async function retrieveCharge(client: StripeReads, id: string, source: FactSource): Promise<Fact[]> {
  const charge = readCharge(await client.charge(id));
  if (charge?.id !== id) throw unusableAnswer('not_the_charge');
  const { ref } = charge;
  if (ref.providerPaymentId !== undefined) return retrieveIntent(client, ref.providerPaymentId, source);
  const facts = (charge.status === 'failed' ? chargeFailedFacts : chargedFacts)(charge, ref, source);
  return [...facts, ...(await moneyBackOf(client, charge, ref, source))];
}

/**
 * Refunds and disputes of a charge, oldest first: their own events said so, perhaps before anybody knew that the payment
 * is ours.
 */
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
