import { newId, randomDigits } from '../stripe.ids.js';
import type { Customer } from '../stripe.types.js';
import type { StripeWorld } from '../stripe.world.js';

export interface CustomerParts {
  email?: string | null;
  name?: string | null;
  phone?: string | null;
  description?: string | null;
  metadata?: Record<string, string>;
  address?: Customer['address'];
  preferred_locales?: string[];
}

export function newCustomer(world: StripeWorld, parts: CustomerParts): Customer {
  return {
    id: newId('cus', 14),
    object: 'customer',
    address: parts.address ?? null,
    balance: 0,
    created: world.clock.seconds(),
    currency: null,
    customer_account: null,
    default_source: null,
    delinquent: false,
    description: parts.description ?? null,
    discount: null,
    email: parts.email ?? null,
    invoice_prefix: `SANDBOX${randomDigits(4)}`,
    invoice_settings: {
      custom_fields: null,
      default_payment_method: null,
      footer: null,
      rendering_options: null,
    },
    livemode: false,
    metadata: parts.metadata ?? {},
    name: parts.name ?? null,
    next_invoice_sequence: 1,
    phone: parts.phone ?? null,
    preferred_locales: parts.preferred_locales ?? [],
    shipping: null,
    tax_exempt: 'none',
    test_clock: null,
  };
}
