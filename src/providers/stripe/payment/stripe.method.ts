import type { PaymentMethod } from '../../facts.js';
import { integerOf, type Json, jsonOf, listOf, textOf, timeOf } from '../../json.read.js';

/** Our words for Stripe's; every other method keeps Stripe's own. Wallets are cards at Stripe. */
const OUR_WORDS = new Map([
  ['oxxo', 'cash'],
  ['customer_balance', 'bank_transfer'],
]);

/**
 * Methods that finish after the page is closed. When such an attempt fails there is no page left to try again
 * on, so the payment has failed with it.
 */
const DELAYED = new Set([
  'acss_debit',
  'au_becs_debit',
  'bacs_debit',
  'boleto',
  'customer_balance',
  'konbini',
  'multibanco',
  'oxxo',
  'sepa_debit',
  'us_bank_account',
]);

export function isDelayed(stripeType: string | undefined): boolean {
  return stripeType !== undefined && DELAYED.has(stripeType);
}

/** From `payment_method_details` of a charge. */
export function methodOf(details: Json): PaymentMethod | undefined {
  const type = textOf(details.type);
  if (type === undefined) return undefined;
  const own = jsonOf(details[type]);
  if (type === 'card') return cardOf(own);
  const method: PaymentMethod = { type: OUR_WORDS.get(type) ?? type };
  return type === 'oxxo' ? { ...method, reference: textOf(own.number) } : method;
}

function cardOf(card: Json): PaymentMethod {
  const installments = integerOf(jsonOf(jsonOf(card.installments).plan).count);
  return { type: 'card', brand: textOf(card.brand), last4: textOf(card.last4), installments };
}

/** What the customer pays against, later and elsewhere. */
export interface Voucher {
  method: PaymentMethod;
  expiresAt: Date | undefined;
}

/**
 * From `next_action` of a payment intent. Undefined for what the customer does on the page, such as 3-D
 * Secure.
 */
export function voucherOf(nextAction: Json): Voucher | undefined {
  const type = textOf(nextAction.type);
  const details = jsonOf(type === undefined ? undefined : nextAction[type]);
  if (type === 'oxxo_display_details') {
    return {
      method: { type: 'cash', reference: textOf(details.number) },
      expiresAt: timeOf(details.expires_after),
    };
  }
  if (type === 'display_bank_transfer_instructions') {
    const reference = textOf(details.reference);
    return { method: { type: 'bank_transfer', reference, clabe: clabeOf(details) }, expiresAt: undefined };
  }
  return undefined;
}

function clabeOf(instructions: Json): string | undefined {
  const clabes = listOf(instructions.financial_addresses).map(
    (address) => jsonOf(jsonOf(address).spei).clabe,
  );
  return textOf(clabes.find((clabe) => textOf(clabe) !== undefined));
}
