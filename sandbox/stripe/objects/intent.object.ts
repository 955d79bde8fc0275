import type { ShippingParams } from '../params/shared.params.js';
import { newId } from '../stripe.ids.js';
import type { FutureUsage, Intent } from '../stripe.types.js';
import type { StripeWorld } from '../stripe.world.js';

export interface IntentParts {
  amount: number;
  currency: string;
  methods: string[];
  captureMethod: 'automatic' | 'automatic_async' | 'manual';
  metadata: Record<string, string>;
  customer: string | null;
  description: string | null;
  receiptEmail: string | null;
  shipping?: ShippingParams | undefined;
  /** Sessions choose the methods themselves; direct intents let Stripe choose. */
  automaticMethods: boolean;
  oxxoDays?: number;
  installments?: boolean;
  futureUsage?: { payment: FutureUsage | null; card: FutureUsage | null };
}

export function newIntent(world: StripeWorld, parts: IntentParts): Intent {
  const id = newId('pi');
  return {
    id,
    object: 'payment_intent',
    allowed_payment_method_types: null,
    amount: parts.amount,
    amount_capturable: 0,
    amount_details: { tip: {} },
    amount_received: 0,
    application: null,
    application_fee_amount: null,
    automatic_payment_methods: parts.automaticMethods ? { allow_redirects: 'always', enabled: true } : null,
    canceled_at: null,
    cancellation_reason: null,
    capture_method: parts.captureMethod,
    client_secret: `${id}_secret_${newId('s', 25).slice(2)}`,
    confirmation_method: 'automatic',
    created: world.clock.seconds(),
    currency: parts.currency,
    customer: parts.customer,
    customer_account: null,
    description: parts.description,
    excluded_payment_method_types: null,
    last_payment_error: null,
    latest_charge: null,
    livemode: false,
    managed_payments: { enabled: false },
    metadata: { ...parts.metadata },
    next_action: null,
    on_behalf_of: null,
    payment_method: null,
    payment_method_configuration_details: null,
    payment_method_options: intentOptions(parts),
    payment_method_types: parts.methods,
    payment_record: null,
    processing: null,
    receipt_email: parts.receiptEmail,
    review: null,
    setup_future_usage: parts.futureUsage?.payment ?? null,
    shipping: parts.shipping ? shippingOf(parts.shipping) : null,
    source: null,
    statement_descriptor: null,
    statement_descriptor_suffix: null,
    status: 'requires_payment_method',
    transfer_data: null,
    transfer_group: null,
  };
}

/** What was not given is null. */
function shippingOf({ address, ...contact }: ShippingParams): NonNullable<Intent['shipping']> {
  return {
    address: {
      city: address.city ?? null,
      country: address.country ?? null,
      line1: address.line1 ?? null,
      line2: address.line2 ?? null,
      postal_code: address.postal_code ?? null,
      state: address.state ?? null,
    },
    carrier: contact.carrier ?? null,
    name: contact.name,
    phone: contact.phone ?? null,
    tracking_number: contact.tracking_number ?? null,
  };
}

function intentOptions(parts: IntentParts): NonNullable<Intent['payment_method_options']> {
  return {
    ...(parts.methods.includes('card') && {
      card: {
        installments: parts.installments ? { available_plans: [], enabled: true, plan: null } : null,
        mandate_options: null,
        network: null,
        request_three_d_secure: 'automatic',
        ...(parts.futureUsage?.card && { setup_future_usage: parts.futureUsage.card }),
      },
    }),
    ...(parts.methods.includes('oxxo') && { oxxo: { expires_after_days: parts.oxxoDays ?? 3 } }),
    ...(parts.methods.includes('customer_balance') && {
      customer_balance: { bank_transfer: { type: 'mx_bank_transfer' }, funding_type: 'bank_transfer' },
    }),
  };
}
