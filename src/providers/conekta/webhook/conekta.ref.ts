import type { PaymentRef } from '../../facts.js';
import { textOf } from '../../json.read.js';
import type { WebhookEvent } from '../../provider.port.js';
import { CONEKTA } from '../conekta.account.js';
import { readCharge } from '../payment/conekta.charge.read.js';
import { payingCharge, readOrder } from '../payment/conekta.order.read.js';
import { type ConektaEvent, readEvent } from './conekta.event.js';

/** Which payment a verified event is about, as far as its body tells. */
export function refOfEvent(event: WebhookEvent): PaymentRef | undefined {
  const read = readEvent(event);
  return read === undefined ? undefined : refOf(read);
}

export function refOf({ subject, object }: ConektaEvent): PaymentRef | undefined {
  if (subject === 'order') {
    const order = readOrder(object);
    return order && { ...order.ref, chargeId: payingCharge(order.charges)?.id };
  }
  if (subject === 'charge') {
    const charge = readCharge(object);
    return charge && foundBy(charge.orderId, charge.id, charge.sessionId);
  }
  // Neither carries an id of ours. No sample of a cash refund is published; its fields are read as they are
  // named everywhere else.
  return foundBy(textOf(object.order_id), textOf(object.charge_id));
}

function foundBy(
  providerPaymentId: string | undefined,
  chargeId: string | undefined,
  sessionId?: string,
): PaymentRef | undefined {
  if (providerPaymentId === undefined && chargeId === undefined) return undefined;
  return { provider: CONEKTA, sessionId, providerPaymentId, chargeId };
}
