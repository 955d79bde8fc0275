import { isOfAnOrder, type PaymentRef } from '../../facts.js';
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
) => StripeEvidence | Promise<StripeEvidence>;

/** Only the payment intent has the charge, its receipt and a voucher. */
const confirmSession: Confirm = (client, { object, isRead }, known) => {
  const session = readSession(object);
  const intentId = session?.ref.providerPaymentId;
  if (!isOfAnOrder(session?.ref) || intentId === undefined) return {};
  if (isRead) return intentIn(object.payment_intent, intentId);
  // After a lost answer a payment may have two sessions: this one must be the known one.
  if (isPaid(known) && known.providerPaymentId === intentId) return { knownPaid: true };
  return intentNow(client, intentId);
};

const confirmIntent: Confirm = (client, { object, isRead }, known) => {
  const intent = readIntent(object);
  if (intent === undefined || !isOfAnOrder(intent.ref)) return {};
  if (isRead) return { intent: object };
  if (isPaid(known) && isPaidBy(known, intent.ref)) return { knownPaid: true };
  return intentNow(client, intent.id);
};

/** The event's body suffices, unless we believe that the payment ended without money. */
const confirmCharge: Confirm = (client, { object, isRead }, known) => {
  const charge = readCharge(object);
  if (charge === undefined || !isOfAnOrder(charge.ref) || known?.closed !== true) return {};
  if (isRead) return { charge: object };
  return chargeNow(client, charge.id);
};

/** Charges list refunds only before API version 2022-11-15, and ten at most. An unknown payment is read as well. */
const confirmRefunds: Confirm = (client, { object, isRead }, known) => {
  const charge = readCharge(object);
  if (charge === undefined || (known === undefined && !isOfAnOrder(charge.ref))) return {};
  return client.refunds(charge.id).then(async (refunds) => {
    if (known !== undefined) return { refunds };
    return { refunds, ...(isRead ? { charge: object } : await chargeNow(client, charge.id)) };
  });
};

/** Refunds and disputes carry none of our ids: the charge tells an unknown payment's owner. */
function ownerOf(client: StripeReads, ref: PaymentRef | undefined): StripeEvidence | Promise<StripeEvidence> {
  if (ref?.chargeId !== undefined) return chargeNow(client, ref.chargeId);
  return ref?.providerPaymentId === undefined ? {} : intentNow(client, ref.providerPaymentId);
}

/** The charge also tells a refund from the rest of a hold. */
const confirmRefund: Confirm = (client, { object }, known) => {
  const ref = refOfMoneyBack(object);
  if (known === undefined) return ownerOf(client, ref);
  const chargeId = ref?.chargeId ?? known.chargeId;
  if (chargeId === undefined || !mayBeRelease(object)) return {};
  return chargeNow(client, chargeId).then(({ charge }) => ({ knownCharge: charge }));
};

const confirmDispute: Confirm = (client, { object, isRead }, known) => {
  const ref = refOfMoneyBack(object);
  const owner = known === undefined ? ownerOf(client, ref) : {};
  if (isRead || ref?.chargeId === undefined) return owner;
  return disputeNow(client, ref.chargeId, object.id, owner);
};

async function disputeNow(
  client: StripeReads,
  chargeId: string,
  disputeId: unknown,
  owner: StripeEvidence | Promise<StripeEvidence>,
): Promise<StripeEvidence> {
  const evidence = await owner;
  const disputes = await client.disputes(chargeId);
  return { ...evidence, dispute: disputes.find((one) => idOf(one) === disputeId) };
}

async function intentNow(client: StripeReads, id: string): Promise<StripeEvidence> {
  return intentIn(await client.paymentIntent(id), id);
}

function intentIn(intent: unknown, id: string): StripeEvidence {
  intentWithId(intent, id);
  return { intent };
}

async function chargeNow(client: StripeReads, id: string): Promise<StripeEvidence> {
  const charge = await client.charge(id);
  chargeWithId(charge, id);
  return { charge };
}

/** Old API versions do not name the charge. */
function isPaidBy(known: KnownPayment, { chargeId, providerPaymentId }: PaymentRef): boolean {
  return chargeId === undefined ? providerPaymentId === known.providerPaymentId : chargeId === known.chargeId;
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
 * Reads what the event only claims or leaves out; at once where nothing has to be read.
 * @throws ProviderError when Stripe does not answer, and when it does not know the object.
 */
export function confirm(
  client: StripeReads,
  event: StripeEvent,
  known: KnownPayment | undefined,
): StripeEvidence | Promise<StripeEvidence> {
  return CONFIRMS.get(event.type)?.(client, event, known) ?? {};
}
