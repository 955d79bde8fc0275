import type { Fact } from '../../facts.js';
import type { ConfirmedEvent } from '../../provider.port.js';
import { chargebackOf } from '../payment/conekta.dispute.facts.js';
import { orderFacts } from '../payment/conekta.order.facts.js';
import { readOrder } from '../payment/conekta.order.read.js';
import { readEvent } from './conekta.event.js';
import { readEvidence } from './conekta.evidence.js';

/**
 * Facts of the order as it was read; the event says which order, and of a chargeback how it stands. Pure. Empty
 * for an event that concerns no payment of ours.
 */
export function translate(confirmed: ConfirmedEvent): readonly Fact[] {
  const event = readEvent(confirmed.event);
  const { order: answer, payingChargeId } = readEvidence(confirmed.evidence);
  const order = readOrder(answer);
  if (event === undefined || order === undefined) return [];
  return orderFacts(order, { payingChargeId, chargeback: chargebackOf(event) });
}
