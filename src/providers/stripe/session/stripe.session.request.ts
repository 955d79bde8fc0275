import type Stripe from 'stripe';
import { ServiceError } from '../../../kernel/errors.js';
import type { PaymentMethodName, SessionAdjustment, SessionInput, SessionItem } from '../../payment.ports.js';
import { unsupported } from '../../provider.errors.js';
import {
  assertFitsOnVoucher,
  assertInstallments,
  expiryWithin,
  fitsOnVoucher,
  given,
} from '../../request.rules.js';
import {
  amountAtStripe,
  assertAmount,
  assertMetadata,
  assertPhone,
  INSTALLMENT_MONTHS,
  LIFETIME,
  stripeLocale,
  threeDSecure,
} from '../stripe.limits.js';
import { toStripeAmount } from '../stripe.money.js';
import { shippingParams, shorten } from '../stripe.request.js';

type SessionParams = Stripe.Checkout.SessionCreateParams;
type CardOptions = Stripe.Checkout.SessionCreateParams.PaymentMethodOptions.Card;
type Metadata = Record<string, string>;

/** The session and, sent before it, what it needs. */
export type StripeSessionRequest = {
  session: SessionParams;
  customer?: Stripe.CustomerCreateParams;
  coupon?: Stripe.CouponCreateParams;
  /** Embedded only: our page, and the key that its browser needs. */
  payUrl?: string;
  publishableKey?: string;
};

/** Pure. @throws ServiceError naming the field for what Stripe cannot do; embedding needs a `publishableKey`. */
export function sessionRequest(
  input: SessionInput,
  publishableKey?: string,
  installationId?: string,
): StripeSessionRequest {
  assertAmount(input);
  assertMetadata(input.metadata);
  const { orderId, paymentId, capture, expiresIn, locale } = input;
  const metadata = { ...input.metadata, orderId, paymentId, ...given({ installationId }) };
  const session: SessionParams = {
    mode: 'payment',
    // Stripe refuses the other page's addresses.
    ...(input.ui === 'hosted'
      ? { ui_mode: 'hosted_page', success_url: input.successUrl, cancel_url: input.cancelUrl }
      : { ui_mode: 'embedded_page', return_url: `${input.payUrl}/return` }),
    client_reference_id: orderId,
    line_items: lineItems(input),
    metadata,
    // Neither the payment intent nor its charge inherits the session's metadata.
    payment_intent_data: {
      metadata,
      ...(capture === 'manual' && { capture_method: 'manual' }),
      ...given({ shipping: shippingParams(input.shippingContact) }),
    },
    ...methodParams(input),
    ...(expiresIn !== undefined && { expires_at: expiryWithin(LIFETIME, expiresIn, input.now) }),
    ...(locale !== undefined && { locale: stripeLocale(locale) }),
    ...payerParams(input),
  };
  return {
    session,
    ...given({ customer: customerParams(input, metadata), coupon: couponParams(input, metadata) }),
    ...(input.ui === 'embedded' && embedding(input, publishableKey)),
  };
}

function embedding(
  { payUrl }: SessionInput,
  publishableKey: string | undefined,
): Partial<StripeSessionRequest> {
  if (publishableKey !== undefined) return { payUrl, publishableKey };
  const rule = 'must be hosted at Stripe: embedding needs STRIPE_PUBLISHABLE_KEY';
  throw new ServiceError('capability_not_supported', `ui ${rule}`, [{ field: 'ui', rule }]);
}

/** Stripe's limit in payment mode. */
const MAX_LINES = 100;
const MAX_LINE_NAME = 250;

/**
 * Items, then taxes and shipping as lines of exactly the caller's amounts: Stripe rounds tax rates, and no coupon
 * reaches its shipping rates. Lines beyond Stripe's limit become one, so that the sum stays.
 * @throws ServiceError invalid_request naming the item whose price Stripe cannot express.
 */
function lineItems({ items, taxes, shipping, money }: SessionInput): SessionParams['line_items'] {
  const { currency } = money;
  const expressible = (lines: readonly SessionItem[], field: string): readonly SessionItem[] => {
    for (const [at, { unitAmount: amount }] of lines.entries())
      amountAtStripe({ amount, currency }, `${field}[${at}]`, 'has a price with');
    return lines;
  };
  const asLines = (added: readonly SessionAdjustment[], field: string): readonly SessionItem[] =>
    expressible(
      added.map(({ name, amount }) => ({ name, unitAmount: amount, quantity: 1 })),
      field,
    );
  const bought = expressible(items, 'items');
  const added = [...asLines(taxes, 'taxes'), ...asLines(shipping, 'shipping')];
  const lines = [...fold(bought, Math.max(1, MAX_LINES - added.length)), ...added];
  return fold(lines, MAX_LINES).map(({ name, unitAmount: amount, quantity }) => ({
    price_data: {
      currency: currency.toLowerCase(),
      unit_amount: Number(toStripeAmount({ amount, currency })),
      product_data: { name: shorten(name, MAX_LINE_NAME) },
    },
    quantity,
  }));
}

function fold(items: readonly SessionItem[], room: number): readonly SessionItem[] {
  if (items.length <= room) return items;
  const rest = items.slice(room - 1);
  const unitAmount = rest.reduce((sum, item) => sum + item.unitAmount * BigInt(item.quantity), 0n);
  return [...items.slice(0, room - 1), { name: `${rest.length} more items`, unitAmount, quantity: 1 }];
}

/** Wallets are cards at Stripe. Absent: not available there. */
const STRIPE_TYPES: Partial<Record<PaymentMethodName, string>> = {
  card: 'card',
  apple: 'card',
  google: 'card',
  cash: 'oxxo',
  bank_transfer: 'customer_balance',
};

/**
 * Without a wish the page offers what the account does, less OXXO where the amount does not fit on a voucher.
 * @throws ServiceError capability_not_supported or amount_out_of_bounds naming the field.
 */
function methodParams(input: SessionInput): SessionParams {
  const { paymentMethods: named, money } = input;
  const card = cardOptions(input);
  const options: SessionParams['payment_method_options'] = {
    ...(needsCustomer(input) && {
      customer_balance: { funding_type: 'bank_transfer', bank_transfer: { type: 'mx_bank_transfer' } },
    }),
    ...(Object.keys(card).length > 0 && { card }),
  };
  const excludesVoucher = money.currency === 'MXN' && !fitsOnVoucher(money.amount);
  return {
    ...(named !== undefined && {
      allowed_payment_method_types: [...new Set(named.map((name) => typeOf(input, name)))],
    }),
    ...(named === undefined && excludesVoucher && { excluded_payment_method_types: ['oxxo'] }),
    ...(Object.keys(options).length > 0 && { payment_method_options: options }),
  };
}

/** SPEI transfers belong to a customer's balance. */
function needsCustomer({ paymentMethods }: SessionInput): boolean {
  return paymentMethods?.includes('bank_transfer') ?? false;
}

function typeOf({ money, capture }: SessionInput, name: PaymentMethodName): string {
  const type = STRIPE_TYPES[name];
  if (type === undefined) throw unsupported('paymentMethods', `${name} is not available at Stripe`);
  if (type === 'card') return type;
  if (money.currency !== 'MXN') throw unsupported('paymentMethods', `${name} is available in MXN only`);
  if (capture === 'manual') throw unsupported('capture', `must be automatic with ${name}`);
  if (name === 'cash') assertFitsOnVoucher(money.amount);
  return type;
}

/** @throws ServiceError capability_not_supported naming the field. */
function cardOptions(input: SessionInput): CardOptions {
  const { paymentMethods: named, installments, onDemand, threeDs } = input;
  const hasInstallments = installments.length > 0;
  if (hasInstallments) assertInstallments(input, INSTALLMENT_MONTHS, 'Stripe');
  const wishes = { installments: hasInstallments, onDemand, threeDs: threeDs !== undefined };
  const [wish] = Object.entries(wishes).find(([, isWished]) => isWished) ?? [];
  const offersCard = named === undefined || named.some((name) => STRIPE_TYPES[name] === 'card');
  if (wish !== undefined && !offersCard) throw unsupported(wish, 'needs card among paymentMethods');
  return {
    // The months are the bank's: they can be turned on, not chosen.
    ...(hasInstallments && { installments: { enabled: true } }),
    // For the whole payment it would rule out methods that cannot be kept.
    ...(onDemand && { setup_future_usage: 'off_session' }),
    ...(threeDs !== undefined && { request_three_d_secure: threeDSecure(threeDs) }),
  };
}

/**
 * Stripe takes one of a customer, an initial e-mail address, and the wish that a customer be made. Keeping a card needs
 * a customer.
 */
function payerParams(input: SessionInput): SessionParams {
  if (input.customerId !== undefined) return { customer: input.customerId };
  if (needsCustomer(input)) return {};
  return {
    ...given({ customer_email: input.customer?.email }),
    ...(input.onDemand && { customer_creation: 'always' }),
  };
}

/**
 * The customer to make before the session. Undefined where it needs none, or has one.
 * @throws ServiceError invalid_request naming `customer.phone`.
 */
function customerParams(input: SessionInput, metadata: Metadata): Stripe.CustomerCreateParams | undefined {
  if (input.customerId !== undefined || !needsCustomer(input)) return undefined;
  const { name, email, phone } = input.customer ?? {};
  assertPhone(phone, 'customer.phone');
  return { metadata, ...given({ name, email, phone }) };
}

const MAX_COUPON_NAME = 40;

/**
 * A session takes one coupon: all discounts become one, for this session only. Undefined for none.
 * @throws ServiceError invalid_request naming `discounts` for a sum that Stripe cannot express.
 */
function couponParams(
  { discounts, money: { currency } }: SessionInput,
  metadata: Metadata,
): Stripe.CouponCreateParams | undefined {
  const amount = discounts.reduce((total, one) => total + one.amount, 0n);
  if (amount === 0n) return undefined;
  return {
    amount_off: amountAtStripe({ amount, currency }, 'discounts', 'add up to'),
    currency: currency.toLowerCase(),
    duration: 'once',
    max_redemptions: 1,
    name: shorten(discounts.map(({ name }) => name).join(', '), MAX_COUPON_NAME),
    metadata,
  };
}
