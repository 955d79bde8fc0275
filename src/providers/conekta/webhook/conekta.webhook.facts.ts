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
import { type ConektaEvent, readEvent, refOf } from './conekta.event.js';

/** What was read to confirm an event. Empty: the event is about no payment of ours. */
export interface ConektaEvidence {
  /** As Conekta answered. */
  order?: unknown;
  /** The charge known to pay. */
  payingChargeId?: string | undefined;
}

/** What the event leads to, as Conekta says it now. @throws ProviderError as `confirm`. */
export function factsOf(
  reads: ConektaReads,
  event: WebhookEvent,
  known: KnownPayment | undefined,
): readonly Fact[] | Promise<readonly Fact[]> {
  const read = readEvent(event);
  if (read === undefined) return [];
  const evidence = confirm(reads, read, known);
  if (!(evidence instanceof Promise)) return translate(read, evidence);
  return evidence.then((told) => translate(read, told));
}

/**
 * Reads the event's order, also of a payment that is paid. The signature covers no time, so an old delivery stays
 * authentic for ever: an event is believed only for which order to read.
 * @throws ProviderError when Conekta does not answer or does not know the order: the event is tried again, and ends
 * before the operator.
 */
export function confirm(
  reads: ConektaReads,
  event: ConektaEvent,
  known: KnownPayment | undefined,
): ConektaEvidence | Promise<ConektaEvidence> {
  const ref = refOf(event);
  // An order's own event tells whose it is. A charge names its order only, which has to be asked.
  if (known === undefined && event.subject === 'order' && !isOfAnOrder(ref)) return {};
  // A chargeback names its charge only. Once we learn of the payment, its order shows the chargeback.
  const id = ref?.providerPaymentId ?? known?.providerPaymentId;
  return id === undefined ? {} : orderNow(reads, orderIdOf(id), known);
}

async function orderNow(
  reads: ConektaReads,
  id: string,
  known: KnownPayment | undefined,
): Promise<ConektaEvidence> {
  const answer = await reads.order(id);
  const order = checked(answer, id);
  if (known === undefined && !isOfAnOrder(order.ref)) return {};
  const knownId = payingChargeId(order.id, known);
  assertShowsPayment(order, knownId);
  return { order: answer, payingChargeId: knownId };
}

/** The order's facts; the event itself tells only how its chargeback stands. Pure. Empty: no payment of ours. */
export function translate(event: ConektaEvent, evidence: ConektaEvidence): readonly Fact[] {
  const order = readOrder(evidence.order);
  if (order === undefined) return [];
  return orderFacts(order, { payingChargeId: evidence.payingChargeId, chargeback: chargebackOf(event) });
}
