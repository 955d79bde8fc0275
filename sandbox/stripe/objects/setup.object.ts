import { newId } from '../stripe.ids.js';
import type { SetupIntent } from '../stripe.types.js';
import type { StripeWorld } from '../stripe.world.js';

export interface SetupParts {
  customer: string | null;
  metadata: Record<string, string>;
  description: string | null;
  usage: 'off_session' | 'on_session';
  /** Sessions choose the methods themselves; direct intents let Stripe choose. */
  automaticMethods: boolean;
}

export function newSetupIntent(world: StripeWorld, parts: SetupParts): SetupIntent {
  const id = newId('seti');
  return {
    id,
    object: 'setup_intent',
    allowed_payment_method_types: null,
    application: null,
    automatic_payment_methods: parts.automaticMethods ? { allow_redirects: 'always', enabled: true } : null,
    cancellation_reason: null,
    client_secret: `${id}_secret_${newId('s', 31).slice(2)}`,
    created: world.clock.seconds(),
    customer: parts.customer,
    customer_account: null,
    description: parts.description,
    excluded_payment_method_types: null,
    flow_directions: null,
    last_setup_error: null,
    latest_attempt: null,
    livemode: false,
    managed_payments: { enabled: false },
    mandate: null,
    metadata: { ...parts.metadata },
    next_action: null,
    on_behalf_of: null,
    payment_method: null,
    payment_method_configuration_details: null,
    payment_method_options: {
      card: { mandate_options: null, network: null, request_three_d_secure: 'automatic' },
    },
    payment_method_types: ['card'],
    single_use_mandate: null,
    status: 'requires_payment_method',
    usage: parts.usage,
  };
}
