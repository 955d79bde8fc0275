import { NO_INSTALLMENTS, NOT_CONFIRMED, type CardFailure } from '../card.numbers.js';
import type { CardOutcome } from '../checkout.acts.js';
import { refused, type Language } from '../conekta.errors.js';
import type { Charge } from '../conekta.types.js';
import type { ConektaWorld, HeldCard, OrderRecord } from '../conekta.world.js';
import { cardMethod, newCharge, type ChargeParts } from '../objects/charge.object.js';
import { confirmUrl } from '../objects/waiting.methods.js';
import { holdBack } from './fraud.moves.js';
import { chargeAuthorized, chargePaid, keepCard } from './paid.moves.js';
import { addCharge, setCharge, setOrder, waitingCharges } from './status.moves.js';

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
