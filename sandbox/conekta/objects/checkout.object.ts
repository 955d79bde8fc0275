import { randomUUID } from 'node:crypto';
import { invalid } from '../conekta.errors.js';
import { newId } from '../conekta.ids.js';
import type { Channel, Checkout } from '../conekta.types.js';
import type { ConektaWorld } from '../conekta.world.js';
import type { CheckoutCreateParams } from '../params/checkout.params.js';
import type { OrderCheckoutParams } from '../params/order.params.js';

const MINUTE = 60;
const DAY = 24 * 60 * MINUTE;
const DEFAULT_LIFE = 3 * DAY;
const SHORTEST_LIFE = 5 * MINUTE;
const LONGEST_LIFE = 365 * DAY;
const PLAYED_BY_DEFAULT = ['card', 'cash', 'bank_transfer'];

/** The checkout of an order. Throws 422 for what does not fit together. */
export function newOrderCheckout(world: ConektaWorld, params: OrderCheckoutParams, name: string): Checkout {
  const type = params.type ?? 'Integration';
  for (const url of ['success_url', 'failure_url'] as const) {
    if (type === 'HostedPayment' || params[url] === undefined) continue;
    throw invalid(`checkout.${url}`, 'only_hosted_payment', {
      es: 'Solo se usa con HostedPayment.',
      en: 'It is for HostedPayment only.',
    });
  }
  return newCheckout(world, { ...params, name: params.name ?? name }, type, 'checkout.');
}

export function newPaymentLink(world: ConektaWorld, params: CheckoutCreateParams): Checkout {
  return newCheckout(world, params, 'PaymentLink', '');
}

/** How an order, or a charge, says by which checkout it came. */
export function newChannel(checkout: Checkout): Channel {
  return {
    segment: 'Checkout',
    checkout_request_id: checkout.id,
    checkout_request_type: checkout.type,
    id: newId('channel'),
  };
}

/** @param param where the parameters stood in the request */
function newCheckout(
  world: ConektaWorld,
  params: Omit<OrderCheckoutParams, 'type'> & { name: string; needs_shipping_contact?: boolean },
  type: Checkout['type'],
  param: string,
): Checkout {
  const id = randomUUID();
  const now = world.clock.seconds();
  return {
    id,
    object: 'checkout',
    name: params.name,
    type,
    status: 'Issued',
    livemode: world.options.livemode,
    allowed_payment_methods: methodsOf(params, param),
    ...(params.excluded_payment_methods && { excluded_payment_methods: params.excluded_payment_methods }),
    exclude_card_networks: networksOf(params.exclude_card_networks ?? []),
    can_not_expire: false,
    emails_sent: 0,
    sms_sent: 0,
    starts_at: now,
    expires_at: expiryOf(world, params.expires_at, `${param}expires_at`),
    ...(params.success_url !== undefined && { success_url: params.success_url }),
    ...(params.failure_url !== undefined && { failure_url: params.failure_url }),
    is_redirect_on_failure: type === 'HostedPayment',
    ...(params.redirection_time !== undefined && { redirection_time: params.redirection_time }),
    force_3ds_flow: false,
    ...(params.force_save_card !== undefined && { force_save_card: params.force_save_card }),
    ...(params.on_demand_enabled !== undefined && { on_demand_enabled: params.on_demand_enabled }),
    ...(params.max_failed_retries !== undefined && { max_failed_retries: params.max_failed_retries }),
    metadata: {},
    monthly_installments_enabled: params.monthly_installments_enabled ?? false,
    monthly_installments_options: installmentsOf(params, param),
    needs_shipping_contact: params.needs_shipping_contact ?? false,
    paid_payments_count: 0,
    recurrent: false,
    slug: id.replaceAll('-', ''),
    url: `${world.baseUrl}/checkout/${id}`,
  };
}

/** Seconds since the epoch: from 5 minutes to 365 days ahead. Throws 422 outside. */
export function expiryOf(
  world: ConektaWorld,
  asked: number | undefined,
  param: string,
  life = DEFAULT_LIFE,
): number {
  const now = world.clock.seconds();
  const expiry = asked ?? now + life;
  if (expiry >= now + SHORTEST_LIFE && expiry <= now + LONGEST_LIFE) return expiry;
  throw invalid(param, 'out_of_range', {
    es: 'Debe estar entre 5 minutos y 365 días a partir de ahora.',
    en: 'It must be from 5 minutes to 365 days from now.',
  });
}

function methodsOf(params: Omit<OrderCheckoutParams, 'type'>, param: string): string[] {
  const excluded: readonly string[] = params.excluded_payment_methods ?? [];
  const methods = (params.allowed_payment_methods ?? PLAYED_BY_DEFAULT).filter(
    (one) => !excluded.includes(one),
  );
  if (methods.length > 0) return methods;
  throw invalid(`${param}allowed_payment_methods`, 'none_left', {
    es: 'No queda ningún método de pago.',
    en: 'No payment method is left.',
  });
}

function installmentsOf(params: Omit<OrderCheckoutParams, 'type'>, param: string): number[] {
  const { monthly_installments_enabled: enabled = false, monthly_installments_options: options = [] } =
    params;
  if (enabled || options.length === 0) return options;
  throw invalid(`${param}monthly_installments_options`, 'not_enabled', {
    es: 'Requiere monthly_installments_enabled.',
    en: 'It needs monthly_installments_enabled.',
  });
}

/** Two networks have one name in requests. */
function networksOf(excluded: string[]): Checkout['exclude_card_networks'] {
  return excluded.flatMap((one): Checkout['exclude_card_networks'] =>
    one === 'amex' ? ['amex'] : ['visa', 'mastercard'],
  );
}
