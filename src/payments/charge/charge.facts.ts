import type { Operation } from '../../operations/operation.store.js';
import type { ChargeResult } from '../../providers/direct.charges.js';
import type { PaymentFact } from '../../providers/facts.js';

/**
 * What a charge's answer says of its payment. Where the bank wants to see the buyer, the payment is pending, and its
 * checkout is the bank's page.
 */
export function factsOf(
  { provider, subjectId: paymentId }: Operation,
  { facts, livemode, continueAt: checkoutUrl }: ChargeResult,
  now: Date,
): readonly PaymentFact[] {
  if (checkoutUrl === undefined) return facts;
  const ref = facts.at(-1)?.ref ?? { provider, paymentId };
  const pending: PaymentFact = { kind: 'payment', name: 'pending', ref, livemode, occurredAt: now };
  const all = facts.some(({ name }) => name === 'pending') ? facts : [...facts, pending];
  return all.map((fact) => (fact.name === 'pending' ? { ...fact, checkoutUrl } : fact));
}
