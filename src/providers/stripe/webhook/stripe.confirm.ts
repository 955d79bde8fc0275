import { isOfAnOrder } from '../../facts.js';
import { idOf } from '../../json.read.js';
import type { KnownPayment } from '../../webhook.ports.js';
import type { StripeReads } from '../stripe.client.js';
import { readSession } from '../session/stripe.session.read.js';
import { forEvents, type StripeEvent } from './stripe.event.js';
import { readIntent } from '../payment/stripe.intent.read.js';
import { readCharge } from '../payment/stripe.charge.read.js';
import { chargeWithId, intentWithId } from '../payment/stripe.intents.js';
import { mayBeRelease, refOfMoneyBack } from '../payment/stripe.refund.facts.js';

/** Stripe's answers to the reads that confirm an event. */
export interface StripeEvidence {
  /** With its latest charge. */
  intent?: unknown;
  charge?: unknown;
  /** The charge of a known payment; it need not name an order. */
  knownCharge?: unknown;
  /** As it is now: a dispute's events come in any order. */
  dispute?: unknown;
  refunds?: readonly unknown[];
  /** Nothing was read: the payment is known as paid, with its charge. */
  knownPaid?: boolean;
}

type Confirm = (
  client: StripeReads,
  event: StripeEvent,
  known: KnownPayment | undefined,
) => Promise<StripeEvidence>;

/** Only the payment intent has the charge, its receipt and a voucher. */
const confirmSession: Confirm = async (client, event, known) => {
  const session = readSession(event.object);
  const intentId = session?.ref.providerPaymentId;
  if (!isOfAnOrder(session?.ref) || intentId === undefined) return {};
  // After a lost answer a payment may have two sessions: this one must be the known one.
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

/** The event's body suffices, unless we believe that the payment ended without money. */
const confirmCharge: Confirm = async (client, event, known) => {
  const charge = readCharge(event.object);
  if (charge === undefined || !isOfAnOrder(charge.ref) || known?.closed !== true) return {};
  return { charge: await chargeNow(client, charge.id) };
};

/** Charges list refunds only before API version 2022-11-15, and ten at most. An unknown payment is read as well. */
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

/** Refunds carry none of our ids: the charge tells an unknown payment's owner, and a refund from the rest of a hold. */
const confirmRefund: Confirm = async (client, event, known) => {
  const owner = await confirmOwner(client, event, known);
  const chargeId = refOfMoneyBack(event.object)?.chargeId ?? known?.chargeId;
  if (known === undefined || chargeId === undefined || !mayBeRelease(event.object)) return owner;
  return { knownCharge: await chargeNow(client, chargeId) };
};

const confirmDispute: Confirm = async (client, event, known) => {
  const owner = await confirmOwner(client, event, known);
  const chargeId = refOfMoneyBack(event.object)?.chargeId;
  if (chargeId === undefined) return owner;
  const disputes = await client.disputes(chargeId);
  return { ...owner, dispute: disputes.find((one) => idOf(one) === event.object.id) };
};

async function intentNow(client: StripeReads, id: string): Promise<unknown> {
  const intent = await client.paymentIntent(id);
  intentWithId(intent, id);
  return intent;
}

async function chargeNow(client: StripeReads, id: string): Promise<unknown> {
  const charge = await client.charge(id);
  chargeWithId(charge, id);
  return charge;
}

function isPaid(known: KnownPayment | undefined): known is KnownPayment {
  return known?.paid === true && known.chargeId !== undefined;
}

/** Events whose body leaves something out. */
const CONFIRMS: ReadonlyMap<string, Confirm> = new Map([
  ...forEvents('checkout.session', 'completed async_payment_succeeded', confirmSession),
  ...forEvents('payment_intent', 'succeeded', confirmIntent),
  ...forEvents('charge', 'succeeded captured', confirmCharge),
  ...forEvents('charge', 'refunded', confirmRefunds),
  ...forEvents('refund', 'created updated failed', confirmRefund),
  ...forEvents('charge', 'refund.updated', confirmRefund),
  ...forEvents('charge.dispute', 'created updated closed funds_withdrawn funds_reinstated', confirmDispute),
]);

export const CONFIRMED_EVENTS: readonly string[] = [...CONFIRMS.keys()];

/**
 * Reads what the event only claims or leaves out.
 * @throws ProviderError when Stripe does not answer, and when it does not know the object.
 */
export async function confirm(
  client: StripeReads,
  event: StripeEvent,
  known: KnownPayment | undefined,
): Promise<StripeEvidence> {
  return (await CONFIRMS.get(event.type)?.(client, event, known)) ?? {};
}
