import { isOfAnOrder } from '../../facts.js';
import type { KnownPayment } from '../../provider.port.js';
import type { ConektaReads } from '../conekta.client.js';
import { assertShowsPayment, checked, orderIdOf } from '../payment/conekta.order.read.js';
import type { ConektaEvent } from './conekta.event.js';
import type { ConektaEvidence } from './conekta.evidence.js';
import { refOf } from './conekta.ref.js';

/**
 * Reads the order that the event is about. A delivery carries no time that is signed, so an old one that is sent
 * again is authentic for ever: no event is believed but for which order to read.
 * @throws ProviderError when Conekta does not answer, and when it does not know the order: the event is tried
 * again, and an order that stays unknown, or paid by nothing that it shows, ends before the operator.
 */
export async function confirm(
  reads: ConektaReads,
  event: ConektaEvent,
  known: KnownPayment | undefined,
): Promise<ConektaEvidence> {
  const ref = refOf(event);
  // An order's own event tells whose it is. A charge names its order only, which has to be asked.
  if (known === undefined && event.subject === 'order' && !isOfAnOrder(ref)) return {};
  // A chargeback names its charge only. Where nobody knows that, a payment of ours is still to be learned of, and
  // its order will show the chargeback then.
  const id = ref?.providerPaymentId ?? known?.providerPaymentId;
  if (id === undefined) return {};
  const answer = await reads.order(orderIdOf(id));
  const order = checked(answer, orderIdOf(id));
  if (known === undefined && !isOfAnOrder(order.ref)) return {};
  const knownId = payingChargeId(order.id, known);
  assertShowsPayment(order, knownId);
  return { order: answer, payingChargeId: knownId };
}

/** Of the order's own payment only: the charge of a second one must not pass for the first. */
export function payingChargeId(
  orderId: string,
  payment: { providerPaymentId?: string | undefined; chargeId?: string | undefined } | undefined,
): string | undefined {
  return payment?.providerPaymentId === orderId ? payment.chargeId : undefined;
}
