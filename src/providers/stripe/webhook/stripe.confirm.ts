import { isOfAnOrder } from '../../facts.js';
import { idOf } from '../../json.read.js';
import type { KnownPayment } from '../../webhook.ports.js';
import type { StripeReads } from '../stripe.client.js';
import { readSession } from '../session/stripe.session.read.js';
import { unusableAnswer } from '../stripe.errors.js';
import type { StripeEvent } from './stripe.event.js';
import { readIntent } from '../payment/stripe.intent.read.js';
import { readCharge } from '../payment/stripe.charge.read.js';
import { mayBeRelease, refOfMoneyBack } from '../payment/stripe.refund.facts.js';

/** What was read from Stripe's API to confirm an event, as Stripe answered. */
export interface StripeEvidence {
  /** With its latest charge. */
  intent?: unknown;
  charge?: unknown;
  /** The charge of a payment that is known, which need not name an order. */
  knownCharge?: unknown;
  /** As it is now: events of one dispute come in any order. */
  dispute?: unknown;
  refunds?: readonly unknown[];
  /** Nothing was asked: the payment is known to be paid, and by which charge. */
  knownPaid?: boolean;
}

type Confirm = (
  client: StripeReads,
  event: StripeEvent,
  known: KnownPayment | undefined,
) => Promise<StripeEvidence>;

/** The charge, its receipt and a voucher are with the payment intent only. */
const confirmSession: Confirm = async (client, event, known) => {
  const session = readSession(event.object);
  const intentId = session?.ref.providerPaymentId;
  if (!isOfAnOrder(session?.ref) || intentId === undefined) return {};
  // When an answer was lost a payment may have two sessions: it must be this one that is known.
  if (isPaid(known) && known.providerPaymentId === intentId) return { knownPaid: true };
  return { intent: await intentNow(client, intentId) };
};

const confirmIntent: Confirm = async (client, event, known) => {
  const intent = readIntent(event.object);
  if (intent === undefined || !isOfAnOrder(intent.ref)) return {};
  const sameCharge = intent.ref.chargeId === undefined || intent.ref.chargeId === known?.chargeId;
  if (isPaid(known) && sameCharge) return { knownPaid: true };
  return { intent: await intentNow(client, intent.id) };
};

/**
 * The charge says it all. Only where we believe that the payment has ended without money, Stripe is asked
 * again.
 */
const confirmCharge: Confirm = async (client, event, known) => {
  const charge = readCharge(event.object);
  if (charge === undefined || !isOfAnOrder(charge.ref) || known?.closed !== true) return {};
  return { charge: await chargeNow(client, charge.id) };
};

/**
 * A charge has listed its refunds in API versions before November 2022 only, and never more than ten. Of a payment
 * that nobody knows the charge itself counts too, as it is now.
 */
const confirmRefunds: Confirm = async (client, event, known) => {
  const charge = readCharge(event.object);
  if (charge === undefined || (known === undefined && !isOfAnOrder(charge.ref))) return {};
  const refunds = await client.refunds(charge.id);
  return known === undefined ? { refunds, charge: await chargeNow(client, charge.id) } : { refunds };
};

const confirmOwner: Confirm = async (client, { object }, known) => {
  const ref = refOfMoneyBack(object);
  if (known !== undefined || ref === undefined) return {};
  if (ref.chargeId !== undefined) return { charge: await chargeNow(client, ref.chargeId) };
  return ref.providerPaymentId === undefined
    ? {}
    : { intent: await intentNow(client, ref.providerPaymentId) };
};

/**
 * Refunds carry none of our ids: for an unknown payment its charge says whether it is one of ours. A refund that may
 * be the rest of a hold is told apart by its charge as well.
 */
const confirmRefund: Confirm = async (client, event, known) => {
  const owner = await confirmOwner(client, event, known);
  const chargeId = refOfMoneyBack(event.object)?.chargeId ?? known?.chargeId;
  if (known === undefined || chargeId === undefined || !mayBeRelease(event.object)) return owner;
  return { knownCharge: await chargeNow(client, chargeId) };
};

/** What Stripe says of the dispute now counts, whichever of its events comes first. */
const confirmDispute: Confirm = async (client, event, known) => {
  const owner = await confirmOwner(client, event, known);
  const chargeId = refOfMoneyBack(event.object)?.chargeId;
  if (chargeId === undefined) return owner;
  const disputes = await client.disputes(chargeId);
  return { ...owner, dispute: disputes.find((one) => idOf(one) === event.object.id) };
};

/** An answer that is no payment intent must be asked for again: it is no proof that there is no money. */
async function intentNow(client: StripeReads, id: string): Promise<unknown> {
  const intent = await client.paymentIntent(id);
  if (readIntent(intent)?.id !== id) throw unusableAnswer('not_the_payment_intent');
  return intent;
}

async function chargeNow(client: StripeReads, id: string): Promise<unknown> {
  const charge = await client.charge(id);
  if (readCharge(charge)?.id !== id) throw unusableAnswer('not_the_charge');
  return charge;
}

function isPaid(known: KnownPayment | undefined): known is KnownPayment {
  return known?.paid === true && known.chargeId !== undefined;
}

/** Events whose body leaves something out. Every other one says all that its facts need. */
const CONFIRMS: ReadonlyMap<string, Confirm> = new Map([
  ['checkout.session.completed', confirmSession],
  ['checkout.session.async_payment_succeeded', confirmSession],
  ['payment_intent.succeeded', confirmIntent],
  ['charge.succeeded', confirmCharge],
  ['charge.captured', confirmCharge],
  ['charge.refunded', confirmRefunds],
  ['refund.created', confirmRefund],
  ['refund.updated', confirmRefund],
  ['refund.failed', confirmRefund],
  ['charge.refund.updated', confirmRefund],
  ['charge.dispute.created', confirmDispute],
  ['charge.dispute.updated', confirmDispute],
  ['charge.dispute.closed', confirmDispute],
  ['charge.dispute.funds_withdrawn', confirmDispute],
  ['charge.dispute.funds_reinstated', confirmDispute],
]);

export const CONFIRMED_EVENTS: readonly string[] = [...CONFIRMS.keys()];

/**
 * Reads what the event only claims or leaves out. What Stripe says now counts, whatever we believed.
 * @throws ProviderError when Stripe does not answer, and when it does not know the object.
 */
export async function confirm(
  client: StripeReads,
  event: StripeEvent,
  known: KnownPayment | undefined,
): Promise<StripeEvidence> {
  return (await CONFIRMS.get(event.type)?.(client, event, known)) ?? {};
}
