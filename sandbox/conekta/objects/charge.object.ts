import { newHexId, randomDigits } from '../conekta.ids.js';
import type {
  CardPaymentMethod,
  Charge,
  ChargePaymentMethod,
  ChargeStatus,
  Order,
} from '../conekta.types.js';
import { newChannel } from './checkout.object.js';
import type { ConektaWorld, HeldCard } from '../conekta.world.js';

export interface ChargeParts {
  /** Where the id had to be known before; a new one when absent. */
  id?: string;
  method: ChargePaymentMethod;
  status: ChargeStatus;
  /** What is charged; the order's whole amount when absent. */
  amount?: number | undefined;
  installments?: number | undefined;
  reference?: string | undefined;
  /** True when the customer paid in the order's checkout. */
  byCheckout: boolean;
}

export function newCharge(world: ConektaWorld, order: Order, parts: ChargeParts): Charge {
  return {
    id: parts.id ?? newHexId(),
    object: 'charge',
    livemode: order.livemode,
    created_at: world.clock.seconds(),
    currency: order.currency,
    amount: parts.amount ?? order.amount,
    description: 'Payment from order',
    status: parts.status,
    payment_method: parts.method,
    order_id: order.id,
    customer_id: order.customer_info.customer_id ?? '',
    ...(parts.reference !== undefined && { reference_id: parts.reference }),
    ...(parts.installments !== undefined && { monthly_installments: parts.installments }),
    ...(parts.byCheckout && order.checkout && { channel: newChannel(order.checkout) }),
  };
}

/** @param approved a refused card has no authorization code */
export function cardMethod(
  { card, name, expMonth, expYear }: HeldCard,
  approved: boolean,
): CardPaymentMethod {
  return {
    object: 'card_payment',
    type: 'credit',
    name,
    exp_month: expMonth,
    exp_year: expYear,
    ...(approved && { auth_code: randomDigits(6) }),
    last4: card.last4,
    brand: card.brand,
    issuer: 'Sandbox Bank',
    account_type: 'CREDIT',
    country: card.country,
    fraud_indicators: [],
  };
}
