import { newBalanceTransaction, newCharge } from '../objects/charge.object.js';
import { newOtherMethod } from '../objects/method.object.js';
import { refused } from '../stripe.errors.js';
import type { Charge, Intent, SessionRecord } from '../stripe.types.js';
import type { StripeWorld } from '../stripe.world.js';
import { requireMethod } from './card.payment.js';
import { attemptFails, keep, intentOf, payerOf, useMethod } from './intent.moves.js';
import { completeSession, settleSession } from './session.ends.js';

/** A bank debit: the charge exists and stays pending for days, the intent is processing. */
export function startDebit(world: StripeWorld, record: SessionRecord): void {
  requireMethod(record, 'us_bank_account');
  const payer = payerOf(record);
  const started = intentOf(world, record);
  const { intent } = started;
  const method = newOtherMethod(world, 'us_bank_account', payer);
  useMethod(world, started, method);
  const charge = keep(world, newCharge(world, { intent, method, outcome: 'pending' }));
  intent.latest_charge = charge.id;
  intent.status = 'processing';
  world.log.emit('charge.pending', charge);
  world.log.emit('payment_intent.processing', intent);
  completeSession(world, record, false, payer);
}

/** The bank's answer, days later. */
export function settleDebit(world: StripeWorld, record: SessionRecord, pays: boolean): Charge {
  const { intent, charge } = pendingDebit(world, record);
  if (pays) debitSucceeds(world, intent, charge);
  else debitFails(world, intent, charge);
  settleSession(world, record, pays);
  return charge;
}

function debitSucceeds(world: StripeWorld, intent: Intent, charge: Charge): void {
  charge.status = 'succeeded';
  charge.paid = true;
  charge.captured = true;
  charge.amount_captured = charge.amount;
  const entry = newBalanceTransaction(world, {
    amount: charge.amount,
    currency: charge.currency,
    source: charge.id,
    type: 'charge',
  });
  world.balanceTransactions.set(entry.id, entry);
  charge.balance_transaction = entry.id;
  intent.status = 'succeeded';
  intent.amount_received = intent.amount;
  world.log.emit('charge.succeeded', charge);
  world.log.emit('payment_intent.succeeded', intent);
}

function debitFails(world: StripeWorld, intent: Intent, charge: Charge): void {
  const failure = {
    code: 'insufficient_funds',
    declineCode: 'insufficient_funds',
    message: 'The bank account has insufficient funds.',
  };
  charge.status = 'failed';
  charge.failure_code = failure.code;
  charge.failure_message = failure.message;
  world.log.emit('charge.failed', charge);
  attemptFails(world, intent, failure, charge.id);
}

function pendingDebit(world: StripeWorld, record: SessionRecord): { intent: Intent; charge: Charge } {
  const id = record.session.payment_intent;
  const intent = id ? world.intents.get(id)?.intent : undefined;
  const charge = intent?.latest_charge ? world.charges.get(intent.latest_charge) : undefined;
  if (intent?.status === 'processing' && charge) return { intent, charge };
  throw refused('This Checkout Session does not wait for a bank debit.');
}
