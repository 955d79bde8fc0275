import { clabeOf } from '../../clabe.js';
import { newOtherMethod, type Payer } from '../objects/method.object.js';
import { badParameter, refused } from '../stripe.errors.js';
import { randomDigits } from '../stripe.ids.js';
import type { Intent, SessionRecord } from '../stripe.types.js';
import type { StripeWorld } from '../stripe.world.js';
import { requireMethod } from './card.payment.js';
import { chargeSucceeds, intentOf, payerOf, useMethod } from './intent.moves.js';
import { completeSession, settleSession } from './session.ends.js';

const STP_BANK_CODE = '646';

/** The customer chooses SPEI and is shown a CLABE: the session is complete and not paid. */
export function startTransfer(world: StripeWorld, record: SessionRecord, typed: Partial<Payer> = {}): void {
  requireMethod(record, 'customer_balance');
  const payer = payerOf(record, typed);
  const started = intentOf(world, record);
  const { intent } = started;
  useMethod(world, started, newOtherMethod(world, 'customer_balance', payer));
  intent.status = 'requires_action';
  intent.next_action = {
    type: 'display_bank_transfer_instructions',
    display_bank_transfer_instructions: instructions(world, record, intent),
  };
  world.log.emit('payment_intent.requires_action', intent);
  completeSession(world, record, false, payer);
}

/**
 * Money arrives by SPEI. Less than what is missing funds the payment in part; what is too much
 * would stay in the customer's cash balance, which this sandbox does not keep.
 *
 * @param amount minor units; what is still missing when absent
 */
export function receiveTransfer(
  world: StripeWorld,
  record: SessionRecord,
  amount?: number,
): 'partial' | 'paid' {
  const intent = waitingIntent(world, record);
  const asked = intent.next_action?.display_bank_transfer_instructions;
  const method = intent.payment_method ? world.paymentMethods.get(intent.payment_method) : undefined;
  if (!asked || !method) throw refused('This Checkout Session does not wait for a transfer.');
  const missing = asked.amount_remaining ?? intent.amount;
  const received = amount ?? missing;
  if (!Number.isSafeInteger(received) || received < 1) {
    throw badParameter(
      'This value must be greater than or equal to 1.',
      'amount',
      'parameter_invalid_integer',
    );
  }
  if (received < missing) {
    asked.amount_remaining = missing - received;
    world.log.emit('payment_intent.partially_funded', intent);
    return 'partial';
  }
  chargeSucceeds(world, { intent, method });
  settleSession(world, record, true);
  return 'paid';
}

function waitingIntent(world: StripeWorld, record: SessionRecord): Intent {
  const id = record.session.payment_intent;
  const started = id ? world.intents.get(id) : undefined;
  if (started) return started.intent;
  throw refused('This Checkout Session does not wait for a transfer.');
}

function instructions(
  world: StripeWorld,
  record: SessionRecord,
  intent: Intent,
): NonNullable<NonNullable<Intent['next_action']>['display_bank_transfer_instructions']> {
  const address = {
    city: 'Ciudad de México',
    country: 'MX',
    line1: 'Calle Falsa 123',
    line2: null,
    postal_code: '06000',
    state: 'CDMX',
  };
  return {
    amount_remaining: intent.amount,
    currency: intent.currency,
    financial_addresses: [
      {
        type: 'spei',
        spei: {
          account_holder_address: address,
          account_holder_name: 'Sandbox',
          bank_address: address,
          bank_code: STP_BANK_CODE,
          bank_name: 'STP',
          clabe: clabeOf(randomDigits(11)),
        },
        supported_networks: ['spei'],
      },
    ],
    hosted_instructions_url: `${world.baseUrl}/transfers/${record.session.id}`,
    reference: randomDigits(10),
    type: 'mx_bank_transfer',
  };
}
