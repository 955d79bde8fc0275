import type { Fact, PaymentRef } from '../../facts.js';
import { payingChargeId } from '../webhook/conekta.webhook.facts.js';
import { assertShowsPayment, checked } from './conekta.order.read.js';
import { openedFacts, orderFacts } from './conekta.order.facts.js';
import { orderIdOf } from './conekta.paying.js';
import type { ConektaReads } from '../conekta.reads.js';

/**
 * Everything that Conekta says of a payment now. Nothing without the order's id: a checkout does not name its
 * order, nor can a charge be asked for by its id.
 * @throws ProviderError, also for an order that Conekta does not know.
 */
export async function retrieve(reads: ConektaReads, ref: PaymentRef): Promise<readonly Fact[]> {
  if (ref.providerPaymentId === undefined) return [];
  const id = orderIdOf(ref.providerPaymentId);
  const order = checked(await reads.order(id), id);
  const knownId = payingChargeId(order.id, ref);
  assertShowsPayment(order, knownId);
  const facts = [...openedFacts(order), ...orderFacts(order, { payingChargeId: knownId })];
  // Orders of the service that was replaced carry none of our ids; whoever asks knows which payment it is.
  return facts.map((fact) => ({
    ...fact,
    ref: { ...fact.ref, paymentId: fact.ref.paymentId ?? ref.paymentId },
  }));
}
