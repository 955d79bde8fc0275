import { newDispute } from '../objects/dispute.object.js';
import { newBalanceTransaction } from '../objects/charge.object.js';
import { refused } from '../stripe.errors.js';
import type { Charge, Dispute } from '../stripe.types.js';
import type { StripeWorld } from '../stripe.world.js';
import { cancelSubscription, isOver } from './subscription.ends.js';

export interface DisputeRequest {
  reason?: string;
  /** The bank only asks, and takes no money yet. */
  inquiry?: boolean;
}

/** The cardholder's bank takes the money back until the dispute is decided. */
export function openDispute(
  world: StripeWorld,
  charge: Charge,
  { reason = 'fraudulent', inquiry = false }: DisputeRequest,
): Dispute {
  if (charge.payment_method_details?.type !== 'card') {
    throw refused('Only card payments can be disputed.');
  }
  if (!charge.captured) throw refused('Only captured charges can be disputed.');
  if (charge.disputed) throw refused(`Charge ${charge.id} is already disputed.`);
  const left = charge.amount - charge.amount_refunded;
  if (left === 0) throw refused('Nothing is left to dispute on this charge.');
  const dispute = newDispute(world, charge, { amount: left, reason });
  world.disputes.set(dispute.id, dispute);
  charge.disputed = true;
  if (inquiry) dispute.status = 'warning_needs_response';
  world.log.emit('charge.dispute.created', dispute);
  if (inquiry) return dispute;
  withdraw(world, dispute);
  endDisputed(world, charge);
  return dispute;
}

/** By the account's rule a subscription ends whose month was charged so. */
function endDisputed(world: StripeWorld, { payment_intent: intentId }: Charge): void {
  const { billing, intents } = world;
  const invoiceId = intents.get(typeof intentId === 'string' ? intentId : '')?.invoiceId;
  const owner = billing.subscriptions.get(billing.invoices.get(invoiceId ?? '')?.subscriptionId ?? '');
  if (billing.dunning.afterDispute !== 'cancel' || !owner || isOver(owner.subscription)) return;
  cancelSubscription(world, owner, { reason: 'payment_disputed' });
}

/** The bank is not content with what it heard, and takes the money after all: the same dispute goes on. */
export function escalateInquiry(world: StripeWorld, dispute: Dispute): Dispute {
  if (!isInquiry(dispute)) throw refused('This dispute is no inquiry.');
  const previous = { status: dispute.status };
  dispute.status = 'needs_response';
  world.log.emit('charge.dispute.updated', dispute, previous);
  withdraw(world, dispute);
  return dispute;
}

/** Evidence has gone to the bank. */
export function submitEvidence(world: StripeWorld, dispute: Dispute): Dispute {
  requireUndecided(dispute);
  const previous = { status: dispute.status };
  dispute.status = isInquiry(dispute) ? 'warning_under_review' : 'under_review';
  dispute.evidence_details.has_evidence = true;
  dispute.evidence_details.submission_count += 1;
  world.log.emit('charge.dispute.updated', dispute, previous);
  return dispute;
}

/** The bank has decided; it may think better of a dispute that was lost. A won dispute brings the money back. */
export function closeDispute(world: StripeWorld, dispute: Dispute, outcome: 'won' | 'lost'): Dispute {
  if (dispute.status !== 'lost' || outcome === 'lost') requireUndecided(dispute);
  if (isInquiry(dispute)) {
    dispute.status = 'warning_closed';
    world.log.emit('charge.dispute.closed', dispute);
    return dispute;
  }
  dispute.status = outcome;
  dispute.is_charge_refundable = outcome === 'won';
  world.log.emit('charge.dispute.closed', dispute);
  if (outcome === 'won') {
    move(world, dispute, dispute.amount);
    world.log.emit('charge.dispute.funds_reinstated', dispute);
  }
  return dispute;
}

function requireUndecided(dispute: Dispute): void {
  if (dispute.status !== 'won' && dispute.status !== 'lost') return;
  throw refused(`This dispute is already ${dispute.status}.`);
}

function isInquiry({ status }: Dispute): boolean {
  return status.startsWith('warning_');
}

function withdraw(world: StripeWorld, dispute: Dispute): void {
  move(world, dispute, -dispute.amount);
  world.log.emit('charge.dispute.funds_withdrawn', dispute);
}

function move(world: StripeWorld, dispute: Dispute, amount: number): void {
  const { id: source, currency } = dispute;
  const entry = newBalanceTransaction(world, { amount, currency, source, type: 'adjustment' });
  world.balanceTransactions.set(entry.id, entry);
  dispute.balance_transactions.push(entry);
}
