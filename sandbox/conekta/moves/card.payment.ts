import { NO_INSTALLMENTS, NOT_CONFIRMED, type CardFailure, failureByCode } from '../card.numbers.js';
import type { CardOutcome } from '../checkout.acts.js';
import { refused, type Language, notFound } from '../conekta.errors.js';
import type { Charge, PaymentSource } from '../conekta.types.js';
import type { ConektaWorld, HeldCard, OrderRecord, SourceRecord } from '../conekta.world.js';
import { cardMethod, newCharge, type ChargeParts } from '../objects/charge.object.js';
import { confirmUrl } from '../objects/waiting.methods.js';
import { chargeAuthorized, chargePaid, keepCard } from './order.ends.js';
import { addCharge, setCharge, setOrder, waitingCharges, requirePayable } from './status.moves.js';

export interface CardAttempt extends Pick<
  ChargeParts,
  'id' | 'amount' | 'installments' | 'reference' | 'byCheckout'
> {
  held: HeldCard;
  language: Language;
  /** The customer is not there: a saved card is charged, and the bank asks nobody. */
  unattended?: boolean;
}

/** Puts a card to an order: paid (or authorized), declined, or the bank asks the customer first. */
export function chargeCard(world: ConektaWorld, record: OrderRecord, attempt: CardAttempt): CardOutcome {
  const { order } = record;
  const { held, language } = attempt;
  dropChallenge(world, record);
  const failure = failureOf(attempt);
  const charge = newCharge(world, order, {
    ...attempt,
    method: cardMethod(held, failure === undefined),
    status: 'pending_payment',
  });
  if (failure) return refuse(world, record, { charge, failure, language });
  if (!attempt.unattended && (held.card.plays === 'asks' || record.threeDsMode === 'strict')) {
    return ask(world, record, { charge, held });
  }
  addCharge(world, order, charge);
  approve(world, record, charge, held);
  return { kind: 'paid', chargeId: charge.id };
}

/** The customer's answer to the bank's question. */
export function answerChallenge(
  world: ConektaWorld,
  record: OrderRecord,
  { approves, language }: { approves: boolean; language: Language },
): CardOutcome {
  const charge = challengedCharge(record);
  const held = record.challenged;
  if (!charge || !held) {
    throw refused('charge.not_challenged', {
      es: 'El banco no ha preguntado nada.',
      en: 'The bank has not asked anything.',
    });
  }
  record.challenged = null;
  if (!approves) return refuse(world, record, { charge, failure: NOT_CONFIRMED, language });
  approve(world, record, charge, held);
  return { kind: 'paid', chargeId: charge.id };
}

/** The charge whose bank has asked, or undefined. */
export function challengedCharge({ order }: OrderRecord): Charge | undefined {
  return waitingCharges(order).find(({ status }) => status === 'pending_confirmation');
}

function failureOf({ held: { card }, installments }: CardAttempt): CardFailure | undefined {
  if (card.plays === 'fails_installments' && installments !== undefined) return NO_INSTALLMENTS;
  return card.plays === 'declines' ? card.failure : undefined;
}

function approve(world: ConektaWorld, record: OrderRecord, charge: Charge, held: HeldCard): void {
  // To the customer it looks paid: whoever believes the browser is wrong here.
  if (record.reviewNext) return holdBack(world, record, charge);
  if (record.preAuthorize) chargeAuthorized(world, record, charge);
  else chargePaid(world, record, charge);
  keepCard(world, record, held);
}

/** The order may be paid by another card, until the checkout has seen enough. */
function refuse(
  world: ConektaWorld,
  record: OrderRecord,
  { charge, failure, language }: { charge: Charge; failure: CardFailure; language: Language },
): CardOutcome {
  const { order } = record;
  const message = failure.message[language];
  charge.failure_code = failure.code;
  charge.failure_message = message;
  if (!order.charges?.data.includes(charge)) addCharge(world, order, charge);
  setCharge(world, charge, 'declined', 'charge.declined');
  record.failures += 1;
  delete order.next_action;
  const { checkout } = order;
  const allowed = checkout?.max_failed_retries;
  if (checkout && allowed !== undefined && record.failures > allowed) checkout.status = 'Failed';
  setOrder(world, order, 'declined', 'order.declined');
  return { kind: 'declined', code: failure.code, message };
}

function ask(
  world: ConektaWorld,
  record: OrderRecord,
  { charge, held }: { charge: Charge; held: HeldCard },
): CardOutcome {
  const { order, returnUrl } = record;
  record.challenged = held;
  order.payment_status = 'pending_payment';
  if (charge.channel === undefined) {
    const url = confirmUrl(world, charge.id);
    const redirect = { url, ...(returnUrl !== null && { return_url: returnUrl }) };
    order.next_action = { type: 'redirect_to_url', redirect_to_url: redirect };
  }
  addCharge(world, order, charge);
  setCharge(world, charge, 'pending_confirmation', 'charge.pending_confirmation');
  return { kind: 'challenge' };
}

/** Whoever types another card has left the bank's question behind. */
function dropChallenge(world: ConektaWorld, record: OrderRecord): void {
  const left = challengedCharge(record);
  record.challenged = null;
  if (left) setCharge(world, left, 'canceled', 'charge.canceled');
}

const BLOCKED = 'card_blocked';

/**
 * What the bank says to a saved card from now on.
 * @param code the `failure_code` of a refusal; null: it pays again
 */
export function setCardOutcome(world: ConektaWorld, sourceId: string, code: string | null): PaymentSource {
  const { record, held } = cardRecord(world, sourceId);
  const { failure: _earlier, ...card } = held.card;
  const answers =
    code === null
      ? { ...card, plays: card.plays === 'declines' ? ('pays' as const) : card.plays }
      : { ...card, plays: 'declines' as const, failure: failureByCode(code) };
  // Another object: a token or another customer may hold the same card.
  record.card = { ...held, card: answers };
  if (code !== BLOCKED) record.source.payment_source_status = 'active';
  return record.source;
}

/** Conekta stops charging a saved card, and says so. */
export function blockCard(world: ConektaWorld, sourceId: string): PaymentSource {
  const source = setCardOutcome(world, sourceId, BLOCKED);
  source.payment_source_status = 'blocked';
  world.log.emit('customer.payment_source.card.blocked', source, { payment_source_status: 'active' });
  return source;
}

function cardRecord(world: ConektaWorld, id: string): { record: SourceRecord; held: HeldCard } {
  const record = world.sources.get(id);
  if (!record?.card) throw notFound('card', id);
  return { record, held: record.card };
}

/** The next card that pays is held back: somebody at Conekta wants to look at it first. */
export function startReview(record: OrderRecord): void {
  requirePayable(record, record.order.checkout !== undefined);
  record.reviewNext = true;
}

/** A card has paid, and nobody has the money yet. */
export function holdBack(world: ConektaWorld, record: OrderRecord, charge: Charge): void {
  record.reviewNext = false;
  delete record.order.next_action;
  setCharge(world, charge, 'under_fraud_review', 'charge.under_fraud_review');
  setOrder(world, record.order, 'under_fraud_review', 'order.under_fraud_review');
}

export function closeReview(world: ConektaWorld, record: OrderRecord, outcome: 'paid' | 'fraudulent'): void {
  const { order } = record;
  const charge = order.charges?.data.find(({ status }) => status === 'under_fraud_review');
  if (!charge) {
    throw refused('order.not_under_review', {
      es: 'El pedido no está en revisión.',
      en: 'The order is not under review.',
    });
  }
  if (outcome === 'paid') return chargePaid(world, record, charge);
  setCharge(world, charge, 'fraudulent', 'charge.fraudulent');
  if (order.checkout) order.checkout.status = 'Failed';
  setOrder(world, order, 'fraudulent', 'order.fraudulent');
}
