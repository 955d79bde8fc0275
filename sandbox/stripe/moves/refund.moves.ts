import { newBalanceTransaction } from '../objects/charge.object.js';
import { badParameter, refused } from '../stripe.errors.js';
import { newId } from '../stripe.ids.js';
import { formatMoney } from '../stripe.money.js';
import type { Charge, Refund } from '../stripe.types.js';
import type { StripeWorld } from '../stripe.world.js';

export interface RefundRequest {
  /** Minor units; everything that is left when absent. */
  amount?: number;
  reason?: 'duplicate' | 'fraudulent' | 'requested_by_customer';
  metadata?: Record<string, string>;
}

/** Gives money back. Cards at once; a bank transfer stays pending until `settleRefund`. */
export function refundCharge(world: StripeWorld, charge: Charge, request: RefundRequest): Refund {
  const amount = refundable(world, charge, request.amount);
  const refund = newRefund(world, charge, amount, request);
  const entry = newBalanceTransaction(world, {
    amount: -amount,
    currency: charge.currency,
    source: refund.id,
    type: 'refund',
  });
  world.balanceTransactions.set(entry.id, entry);
  refund.balance_transaction = entry.id;
  keep(world, charge, refund);
  world.log.emit('charge.refunded', charge);
  return refund;
}

/**
 * Stripe lists what was reserved and not taken as a refund of it, and counts it in `amount_refunded`, though no money
 * ever moved: such a refund has no balance transaction.
 */
export function releaseHold(world: StripeWorld, charge: Charge): void {
  const rest = charge.amount - charge.amount_captured;
  if (rest > 0) keep(world, charge, newRefund(world, charge, rest, {}));
}

function keep(world: StripeWorld, charge: Charge, refund: Refund): void {
  world.refunds.set(refund.id, refund);
  addRefunded(charge, refund.amount);
  world.log.emit('refund.created', refund);
}

function newRefund(world: StripeWorld, charge: Charge, amount: number, request: RefundRequest): Refund {
  const byCard = charge.payment_method_details?.type === 'card';
  return {
    id: newId('re'),
    object: 'refund',
    amount,
    balance_transaction: null,
    charge: charge.id,
    created: world.clock.seconds(),
    currency: charge.currency,
    customer: charge.customer,
    customer_account: null,
    destination_details: byCard
      ? {
          card: { reference_status: 'pending', reference_type: 'acquirer_reference_number', type: 'refund' },
          type: 'card',
        }
      : { type: charge.payment_method_details?.type ?? 'card' },
    metadata: request.metadata ?? {},
    payment_intent: charge.payment_intent,
    payment_method: charge.payment_method,
    reason: request.reason ?? null,
    receipt_number: null,
    source_transfer_reversal: null,
    status: byCard ? 'succeeded' : 'pending',
    transfer_reversal: null,
  };
}

/** What the bank says afterwards. A card's refund can fail days after it succeeded. */
export function settleRefund(world: StripeWorld, refund: Refund, outcome: 'succeeded' | 'failed'): Refund {
  if (refund.status === 'failed' || refund.status === 'canceled') {
    throw refused(`This refund is already ${refund.status}.`);
  }
  const previous = { status: refund.status };
  refund.status = outcome;
  if (outcome === 'failed') {
    refund.failure_reason = 'lost_or_stolen_card';
    giveBack(world, refund);
  }
  world.log.emit(outcome === 'failed' ? 'refund.failed' : 'refund.updated', refund, previous);
  world.log.emit('charge.refund.updated', refund, previous);
  return refund;
}

/** Only a refund that is still pending can be canceled. */
export function cancelRefund(world: StripeWorld, refund: Refund): Refund {
  if (refund.status !== 'pending') {
    throw refused(`A refund with a status of ${refund.status} cannot be canceled.`);
  }
  const previous = { status: refund.status };
  refund.status = 'canceled';
  giveBack(world, refund);
  world.log.emit('refund.updated', refund, previous);
  world.log.emit('charge.refund.updated', refund, previous);
  return refund;
}

function refundable(world: StripeWorld, charge: Charge, asked: number | undefined): number {
  if (charge.payment_method_details?.type === 'oxxo') {
    throw refused('Refunds are not supported for OXXO payments.', { param: 'charge' });
  }
  if (!charge.captured || !charge.paid) {
    throw refused(`Charge ${charge.id} has not been captured and cannot be refunded.`, { param: 'charge' });
  }
  const disputes = [...world.disputes.values()].filter((dispute) => dispute.charge === charge.id);
  // An inquiry may be answered by a refund.
  if (disputes.some(({ status }) => status !== 'won' && !status.startsWith('warning_'))) {
    throw refused(`Charge ${charge.id} has been charged back; cannot issue a refund.`, {
      code: 'charge_disputed',
    });
  }
  // What was never captured counts as refunded too.
  const left = charge.amount - charge.amount_refunded;
  if (left === 0) {
    throw refused(`Charge ${charge.id} has already been refunded.`, { code: 'charge_already_refunded' });
  }
  const amount = asked ?? left;
  if (amount < 1) {
    const message = 'This value must be greater than or equal to 1.';
    throw badParameter(message, 'amount', 'parameter_invalid_integer');
  }
  if (amount > left) {
    const shown = [amount, left].map((money) => formatMoney(money, charge.currency));
    const message = `Refund amount (${shown[0]}) is greater than unrefunded amount on charge (${shown[1]})`;
    throw refused(message, { param: 'amount' });
  }
  return amount;
}

function addRefunded(charge: Charge, amount: number): void {
  charge.amount_refunded += amount;
  charge.refunded = charge.amount_refunded === charge.amount;
}

function giveBack(world: StripeWorld, refund: Refund): void {
  const charge = refund.charge ? world.charges.get(refund.charge) : undefined;
  if (charge) addRefunded(charge, -refund.amount);
}
