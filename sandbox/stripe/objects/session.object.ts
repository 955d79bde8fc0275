import { newId } from '../stripe.ids.js';
import type { Coupon, LineItem, PlayedMethod, Session } from '../stripe.types.js';
import type { StripeWorld } from '../stripe.world.js';
import type { MethodOptionsParams, SessionCreateParams } from '../params/session.params.js';

export interface SessionParts {
  params: SessionCreateParams;
  currency: string;
  lines: LineItem[];
  coupon: Coupon | null;
  methods: PlayedMethod[];
  expiresAt: number;
}

/** A new open session; `payment_intent` stays null until the customer first tries to pay. */
export function newSession(world: StripeWorld, parts: SessionParts): Session {
  const { params, lines } = parts;
  const id = newId('cs_test', 58);
  const mode = params.ui_mode ?? 'hosted_page';
  const subtotal = lines.reduce((sum, line) => sum + line.amount_subtotal, 0);
  const total = lines.reduce((sum, line) => sum + line.amount_total, 0);
  const recovery = params.after_expiration?.recovery;
  return {
    id,
    object: 'checkout.session',
    adaptive_pricing: null,
    after_expiration: recovery
      ? {
          recovery: {
            allow_promotion_codes: recovery.allow_promotion_codes ?? false,
            enabled: recovery.enabled,
            expires_at: null,
            url: null,
          },
        }
      : null,
    allow_promotion_codes: params.allow_promotion_codes ?? null,
    allowed_payment_method_types: params.allowed_payment_method_types ?? null,
    amount_subtotal: subtotal,
    amount_total: total,
    automatic_tax: { enabled: false, liability: null, provider: null, status: null },
    billing_address_collection: params.billing_address_collection ?? null,
    cancel_url: params.cancel_url ?? null,
    client_reference_id: params.client_reference_id ?? null,
    client_secret: mode === 'hosted_page' ? null : `${id}_secret_${newId('s', 40).slice(2)}`,
    collected_information: null,
    consent: null,
    consent_collection: null,
    created: world.clock.seconds(),
    currency: parts.currency,
    currency_conversion: null,
    custom_fields: [],
    custom_text: {
      after_submit: null,
      shipping_address: null,
      submit: null,
      terms_of_service_acceptance: null,
    },
    customer: params.customer ?? null,
    customer_account: null,
    customer_creation: params.customer ? null : (params.customer_creation ?? 'if_required'),
    customer_details: knownCustomer(world, params),
    customer_email: params.customer_email ?? null,
    discounts: parts.coupon ? [{ coupon: parts.coupon.id, promotion_code: null }] : [],
    ...(params.excluded_payment_method_types && {
      excluded_payment_method_types: params.excluded_payment_method_types,
    }),
    expires_at: parts.expiresAt,
    integration_identifier: params.integration_identifier ?? null,
    invoice: null,
    invoice_creation: null,
    livemode: false,
    locale: params.locale ?? null,
    managed_payments: { enabled: false },
    metadata: params.metadata ?? {},
    mode: 'payment',
    origin_context: params.origin_context ?? null,
    payment_intent: null,
    payment_link: null,
    payment_method_collection: 'if_required',
    payment_method_configuration_details: null,
    payment_method_options: methodOptions(params.payment_method_options, parts.methods),
    payment_method_types: parts.methods,
    payment_status: total === 0 ? 'no_payment_required' : 'unpaid',
    permissions: null,
    phone_number_collection: { enabled: params.phone_number_collection?.enabled ?? false },
    recovered_from: null,
    ...(mode !== 'hosted_page' && {
      redirect_on_completion: params.redirect_on_completion ?? 'always',
      ...(params.return_url && { return_url: params.return_url }),
    }),
    saved_payment_method_options: null,
    setup_intent: null,
    shipping_address_collection: null,
    shipping_cost: null,
    shipping_options: [],
    status: 'open',
    submit_type: params.submit_type ?? null,
    subscription: null,
    success_url: params.success_url ?? null,
    total_details: { amount_discount: subtotal - total, amount_shipping: 0, amount_tax: 0 },
    ui_mode: mode,
    url: mode === 'hosted_page' ? `${world.baseUrl}/c/pay/${id}` : null,
    wallet_options: null,
  };
}

/** A new open session that saves a card: nothing is bought, so it has no amounts. */
export function newSetupSession(
  world: StripeWorld,
  parts: Pick<SessionParts, 'params' | 'expiresAt'> & { currency: string | null; setupIntent: string },
): Session {
  const { currency, setupIntent, ...rest } = parts;
  const plain = newSession(world, {
    ...rest,
    currency: currency ?? '',
    lines: [],
    coupon: null,
    methods: ['card'],
  });
  return {
    ...plain,
    amount_subtotal: null,
    amount_total: null,
    currency,
    mode: 'setup',
    payment_method_collection: 'always',
    payment_status: 'no_payment_required',
    setup_intent: setupIntent,
    total_details: null,
  };
}

function knownCustomer(world: StripeWorld, params: SessionCreateParams): Session['customer_details'] {
  const customer = params.customer ? world.customers.get(params.customer) : undefined;
  const email = customer?.email ?? params.customer_email ?? null;
  if (!customer && email === null) return null;
  return customerDetails({ email, name: customer?.name ?? null, phone: customer?.phone ?? null });
}

export function customerDetails(person: {
  email: string | null;
  name: string | null;
  phone: string | null;
}): NonNullable<Session['customer_details']> {
  return {
    address: null,
    business_name: null,
    individual_name: null,
    tax_exempt: 'none',
    tax_ids: null,
    ...person,
  };
}

function methodOptions(
  asked: MethodOptionsParams | undefined,
  methods: PlayedMethod[],
): NonNullable<Session['payment_method_options']> {
  const card = asked?.card;
  return {
    ...(methods.includes('card') && {
      card: {
        ...(card?.capture_method && { capture_method: card.capture_method }),
        ...(card?.installments && { installments: { enabled: card.installments.enabled ?? false } }),
        ...(card?.setup_future_usage && { setup_future_usage: card.setup_future_usage }),
        request_three_d_secure: card?.request_three_d_secure ?? 'automatic',
      },
    }),
    ...(methods.includes('oxxo') && {
      oxxo: { expires_after_days: asked?.oxxo?.expires_after_days ?? 3 },
    }),
    ...(methods.includes('customer_balance') && {
      customer_balance: {
        bank_transfer: { type: asked?.customer_balance?.bank_transfer?.type ?? 'mx_bank_transfer' },
        funding_type: 'bank_transfer',
      },
    }),
  };
}
