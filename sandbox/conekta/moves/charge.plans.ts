import { invalid, type Language } from '../conekta.errors.js';
import { newHexId } from '../conekta.ids.js';
import type { CardOutcome } from '../checkout.acts.js';
import type { ChargePaymentMethod, Order } from '../conekta.types.js';
import type { ConektaWorld, HeldCard, OrderRecord } from '../conekta.world.js';
import { expiryOf } from '../objects/checkout.object.js';
import {
  bnplMethod,
  cashMethod,
  confirmUrl,
  payByBankMethod,
  transferMethod,
} from '../objects/waiting.methods.js';
import type { ChargeParams, PaymentMethodParams } from '../params/charge.params.js';
import { missing } from '../params/rules.js';
import { chargeCard } from './card.payment.js';
import { ownCard } from './payer.moves.js';
import { heldCard, spendToken } from './token.moves.js';
import { startWaiting } from './waiting.payment.js';

const DEFAULT_WAIT = 30 * 24 * 60 * 60;

/** A charge of the API that was checked and can be made. */
export interface ChargePlan {
  id: string;
  amount: number;
  reference: string | undefined;
  installments: number | undefined;
  how: { held: HeldCard } | { method: ChargePaymentMethod };
}

/** Checks charges and spends their tokens. Throws 422, or 402 for a token that was used before. */
export function planCharges(
  world: ConektaWorld,
  order: Order,
  charges: ChargeParams[],
  param = 'charges',
): ChargePlan[] {
  const amounts = charges.map(({ amount }) => amount ?? (charges.length === 1 ? order.amount : 0));
  if (amounts.reduce((sum, amount) => sum + amount, 0) !== order.amount) {
    throw invalid(`${param}.amount`, 'not_the_total', {
      es: `Los cargos deben sumar ${order.amount}.`,
      en: `The charges must add up to ${order.amount}.`,
    });
  }
  return charges.map((charge, index) => {
    const at = charges.length === 1 ? 'payment_method' : `${param}.${index}.payment_method`;
    const id = newHexId();
    return {
      id,
      amount: amounts[index] ?? order.amount,
      reference: charge.reference_id,
      installments: charge.payment_method.monthly_installments,
      how: howToPay(world, order, { params: charge.payment_method, id, param: at }),
    };
  });
}

/** Makes one planned charge; vouchers and lenders never decline here. */
export function runPlan(
  world: ConektaWorld,
  record: OrderRecord,
  plan: ChargePlan,
  language: Language,
): CardOutcome | null {
  const { id, amount, reference, installments, how } = plan;
  if ('held' in how) {
    const { held } = how;
    return chargeCard(world, record, {
      id,
      held,
      amount,
      reference,
      installments,
      language,
      byCheckout: false,
    });
  }
  startWaiting(world, record, { id, method: how.method, amount, reference, byCheckout: false });
  return null;
}

interface Ask {
  params: PaymentMethodParams;
  id: string;
  param: string;
}

function howToPay(world: ConektaWorld, order: Order, ask: Ask): ChargePlan['how'] {
  const { params, id, param } = ask;
  if (params.type === 'card' || params.type === 'default') return { held: cardOf(world, order, ask) };
  const expiresAt = expiryOf(world, params.expires_at, `${param}.expires_at`, DEFAULT_WAIT);
  if (params.type === 'cash') return { method: cashMethod(world, expiresAt) };
  if (params.type === 'spei') return { method: transferMethod(expiresAt) };
  const { product_type: product } = params;
  if (product === undefined) throw missing(`${param}.product_type`);
  const page = confirmUrl(world, id);
  if (params.type === 'pay_by_bank') return { method: payByBankMethod(page, product, expiresAt) };
  const { success_url: success, failure_url: failure, cancel_url: cancel } = params;
  if (success === undefined) throw missing(`${param}.success_url`);
  if (failure === undefined) throw missing(`${param}.failure_url`);
  return { method: bnplMethod(page, { product, success, failure, cancel }, expiresAt) };
}

function cardOf(world: ConektaWorld, order: Order, { params, param }: Ask): HeldCard {
  const owner = world.customers.get(order.customer_info.customer_id ?? '');
  const at = `${param}.payment_source_id`;
  if (params.type === 'default') return ownCard(world, owner, null, at).card;
  if (params.payment_source_id !== undefined) return ownCard(world, owner, params.payment_source_id, at).card;
  if (params.token_id !== undefined) return spendToken(world, params.token_id, `${param}.token_id`);
  const { number, name, exp_month: expMonth, exp_year: expYear } = params;
  if (number === undefined || name === undefined) throw missing(`${param}.token_id`);
  return heldCard({ number, name, expMonth, expYear: expYear?.slice(-2) });
}
