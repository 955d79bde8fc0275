import type Stripe from 'stripe';
import { assertFitsOnVoucher, fitsOnVoucher } from '../../session.port.js';
import type { PaymentMethodName, SessionInput } from '../../provider.port.js';
import { cardOptions } from './stripe.session.card.js';
import { unsupported } from '../../provider.errors.js';

type SessionParams = Stripe.Checkout.SessionCreateParams;

/** What Stripe calls our methods; wallets are cards there. Absent: Stripe does not have it for us. */
const STRIPE_TYPES: Partial<Record<PaymentMethodName, string>> = {
  card: 'card',
  apple: 'card',
  google: 'card',
  cash: 'oxxo',
  bank_transfer: 'customer_balance',
};

/**
 * Which methods the page offers, and how. Without a wish it is whatever the account offers, less OXXO where
 * the amount does not fit on a voucher.
 * @throws ServiceError capability_not_supported or amount_out_of_bounds naming the field.
 */
export function paymentMethodParams(input: SessionInput): SessionParams {
  const options = methodOptions(input);
  const chosen =
    input.paymentMethods === undefined ? defaultMethods(input) : namedMethods(input, input.paymentMethods);
  return Object.keys(options).length === 0 ? chosen : { ...chosen, payment_method_options: options };
}

/** SPEI transfers belong to a customer's balance, so the session needs a customer. */
export function needsCustomer(input: SessionInput): boolean {
  return input.paymentMethods?.includes('bank_transfer') ?? false;
}

function defaultMethods(input: SessionInput): SessionParams {
  const { amount, currency } = input.money;
  if (currency !== 'MXN' || fitsOnVoucher(amount)) return {};
  return { excluded_payment_method_types: ['oxxo'] };
}

function namedMethods(input: SessionInput, names: readonly PaymentMethodName[]): SessionParams {
  const types = names.map((name) => {
    const type = STRIPE_TYPES[name];
    if (type === undefined) throw unsupported('paymentMethods', `${name} is not available at Stripe`);
    if (type !== 'card') assertMexicanMethod(input, name);
    return type;
  });
  return { allowed_payment_method_types: [...new Set(types)] };
}

function assertMexicanMethod(input: SessionInput, name: PaymentMethodName): void {
  if (input.money.currency !== 'MXN') throw unsupported('paymentMethods', `${name} is available in MXN only`);
  if (input.capture === 'manual') throw unsupported('capture', `must be automatic with ${name}`);
  if (name === 'cash') assertFitsOnVoucher(input.money.amount);
}

function methodOptions(input: SessionInput): Stripe.Checkout.SessionCreateParams.PaymentMethodOptions {
  const named = input.paymentMethods;
  const offersCard = named === undefined || named.some((name) => STRIPE_TYPES[name] === 'card');
  const card = cardOptions(input, offersCard);
  return {
    ...(needsCustomer(input) && {
      customer_balance: { funding_type: 'bank_transfer', bank_transfer: { type: 'mx_bank_transfer' } },
    }),
    ...(Object.keys(card).length > 0 && { card }),
  };
}
