import type { PaymentRef } from '../../facts.js';
import type { Json } from '../../json.read.js';
import type { WebhookEvent } from '../../provider.port.js';
import { readCharge } from '../payment/stripe.charge.read.js';
import { readIntent } from '../payment/stripe.intent.read.js';
import { refOfMoneyBack } from '../payment/stripe.refund.facts.js';
import { readSession } from '../session/stripe.session.read.js';
import { readEvent } from './stripe.event.js';

/** Everything that two objects tell of one payment; where both do, the first counts. */
export function joinRefs(first: PaymentRef, second: PaymentRef): PaymentRef {
  return {
    provider: first.provider,
    installationId: first.installationId ?? second.installationId,
    paymentId: first.paymentId ?? second.paymentId,
    orderId: first.orderId ?? second.orderId,
    sessionId: first.sessionId ?? second.sessionId,
    providerPaymentId: first.providerPaymentId ?? second.providerPaymentId,
    chargeId: first.chargeId ?? second.chargeId,
  };
}

/** Which payment a verified event is about, as far as its body tells. */
export function refOfEvent(event: WebhookEvent): PaymentRef | undefined {
  const read = readEvent(event);
  return read === undefined ? undefined : refOfObject(read.object);
}

function refOfObject(object: Json): PaymentRef | undefined {
  switch (object.object) {
    case 'checkout.session':
      return readSession(object)?.ref;
    case 'payment_intent':
      return readIntent(object)?.ref;
    case 'charge':
      return readCharge(object)?.ref;
    case 'refund':
    case 'dispute':
      return refOfMoneyBack(object);
    default:
      return undefined;
  }
}
