import { newOtherMethod, type Payer } from '../objects/method.object.js';
import { refused } from '../stripe.errors.js';
import { randomDigits } from '../stripe.ids.js';
import type { Charge, IntentRecord, SessionRecord } from '../stripe.types.js';
import type { StripeWorld } from '../stripe.world.js';
import { requireMethod } from './card.payment.js';
import { attemptFails, chargeSucceeds, intentOf, payerOf, useMethod } from './intent.moves.js';
import { completeSession, settleSession } from './session.ends.js';

const DAY = 24 * 60 * 60;
/** Mexico City keeps UTC-6 all year; a voucher is good until the end of its last day there. */
const MEXICO_OFFSET = 6 * 60 * 60;

/** The customer takes an OXXO voucher: the session is complete and not paid. */
export function issueVoucher(world: StripeWorld, record: SessionRecord, typed: Partial<Payer> = {}): void {
  requireMethod(record, 'oxxo');
  const payer = payerOf(record, typed);
  const started = intentOf(world, record);
  useMethod(world, started, newOtherMethod(world, 'oxxo', payer));
  const { intent } = started;
  const days = record.session.payment_method_options?.oxxo?.expires_after_days ?? 3;
  intent.status = 'requires_action';
  intent.next_action = {
    type: 'oxxo_display_details',
    oxxo_display_details: {
      expires_after: endOfDay(world.clock.seconds() + days * DAY),
      hosted_voucher_url: `${world.baseUrl}/vouchers/${record.session.id}`,
      number: randomDigits(32),
    },
  };
  world.log.emit('payment_intent.requires_action', intent);
  completeSession(world, record, false, payer);
}

/** The customer pays at the shop. */
export function payVoucher(world: StripeWorld, record: SessionRecord): Charge {
  const { intent } = voucherOf(world, record);
  const method = intent.payment_method ? world.paymentMethods.get(intent.payment_method) : undefined;
  if (!method) throw refused('This voucher has no payment method.');
  const voucherNumber = intent.next_action?.oxxo_display_details?.number ?? undefined;
  const charge = chargeSucceeds(world, { intent, method, voucherNumber });
  settleSession(world, record, true);
  return charge;
}

/** Nobody paid in time. No charge was ever made, so none fails. */
export function expireVoucher(world: StripeWorld, record: SessionRecord): void {
  const { intent } = voucherOf(world, record);
  attemptFails(world, intent, {
    code: 'payment_intent_payment_attempt_expired',
    declineCode: '',
    message: 'The payment was not completed before the voucher expired.',
  });
  settleSession(world, record, false);
}

/** The intent of a session while its voucher can be paid; throws 400 otherwise. */
export function voucherOf(world: StripeWorld, record: SessionRecord): IntentRecord {
  const id = record.session.payment_intent;
  const started = id ? world.intents.get(id) : undefined;
  if (started?.intent.next_action?.oxxo_display_details) return started;
  throw refused('This Checkout Session has no voucher that waits for its payment.');
}

function endOfDay(seconds: number): number {
  const day = Math.floor((seconds - MEXICO_OFFSET) / DAY);
  return (day + 1) * DAY + MEXICO_OFFSET - 1;
}
