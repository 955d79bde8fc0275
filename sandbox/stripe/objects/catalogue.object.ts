import type { PriceCreateParams, RecurringParams } from '../params/catalogue.params.js';
import { newId } from '../stripe.ids.js';
import type { Price, Product } from '../stripe.types.js';
import type { StripeWorld } from '../stripe.world.js';

export interface ProductParts {
  id?: string;
  name: string;
  active?: boolean;
  description?: string;
  images?: string[];
  metadata?: Record<string, string>;
  shippable?: boolean;
  statement_descriptor?: string;
  tax_code?: string;
  unit_label?: string;
  url?: string;
}

export function newProduct(world: StripeWorld, parts: ProductParts): Product {
  const now = world.clock.seconds();
  return {
    id: parts.id ?? newId('prod', 14),
    object: 'product',
    active: parts.active ?? true,
    created: now,
    default_price: null,
    description: parts.description ?? null,
    images: parts.images ?? [],
    livemode: false,
    marketing_features: [],
    metadata: parts.metadata ?? {},
    name: parts.name,
    package_dimensions: null,
    shippable: parts.shippable ?? null,
    statement_descriptor: parts.statement_descriptor ?? null,
    tax_code: parts.tax_code ?? null,
    tax_details: null,
    type: 'service',
    unit_label: parts.unit_label ?? null,
    updated: now,
    url: parts.url ?? null,
  };
}

/** @param parts `unitAmount` in minor units */
export function newPrice(
  world: StripeWorld,
  parts: Pick<PriceCreateParams, 'active' | 'lookup_key' | 'metadata' | 'nickname' | 'tax_behavior'> & {
    currency: string;
    product: string;
    recurring: RecurringParams | undefined;
    unitAmount: number;
  },
): Price {
  return {
    id: newId('price'),
    object: 'price',
    active: parts.active ?? true,
    billing_scheme: 'per_unit',
    created: world.clock.seconds(),
    currency: parts.currency,
    custom_unit_amount: null,
    livemode: false,
    lookup_key: parts.lookup_key ?? null,
    metadata: parts.metadata ?? {},
    nickname: parts.nickname || null,
    product: parts.product,
    recurring: parts.recurring
      ? {
          interval: parts.recurring.interval,
          interval_count: parts.recurring.interval_count ?? 1,
          meter: null,
          trial_period_days: null,
          usage_type: 'licensed',
        }
      : null,
    tax_behavior: parts.tax_behavior ?? 'unspecified',
    tiers_mode: null,
    transform_quantity: null,
    type: parts.recurring ? 'recurring' : 'one_time',
    unit_amount: parts.unitAmount,
    unit_amount_decimal: String(parts.unitAmount),
  };
}
