import { type Fact, isOfAnOrder } from '../../facts.js';
import type { KnownPayment, WebhookEvent } from '../../webhook.ports.js';
import type { ConektaReads } from '../conekta.client.js';
import { chargebackOf } from '../payment/conekta.dispute.facts.js';
import { orderFacts } from '../payment/conekta.order.facts.js';
import {
  assertShowsPayment,
  checked,
  orderIdOf,
  payingChargeId,
  readOrder,
} from '../payment/conekta.order.read.js';
import { type ConektaEvent, readEvent } from './conekta.event.js';
import { refOf } from './conekta.subject.js';

/** What was read from Conekta's API to confirm an event. Empty: the event is about no payment of ours. */
export interface ConektaEvidence {
  /** As Conekta answered. */
  order?: unknown;
  /** The charge that the order's payment is known to be paid by. */
  payingChargeId?: string | undefined;
}

/** What the event leads to, as Conekta says it now. @throws ProviderError as `confirm`. */
export async function factsOf(
  reads: ConektaReads,
  event: WebhookEvent,
  known: KnownPayment | undefined,
): Promise<readonly Fact[]> {
  const read = readEvent(event);
  return read === undefined ? [] : translate(read, await confirm(reads, read, known));
}

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

/**
 * Facts of the order as it was read; the event says which order, and of a chargeback how it stands. Pure. Empty
 * for an event that concerns no payment of ours.
 */
export function translate(event: ConektaEvent, evidence: ConektaEvidence): readonly Fact[] {
  const order = readOrder(evidence.order);
  if (order === undefined) return [];
  return orderFacts(order, { payingChargeId: evidence.payingChargeId, chargeback: chargebackOf(event) });
}
