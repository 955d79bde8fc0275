import type { SubscriptionCreateParams } from '../params/subscription.params.js';
import { newId } from '../stripe.ids.js';
import type { Plan, Price, Subscription, SubscriptionItem } from '../stripe.types.js';
import type { StripeWorld } from '../stripe.world.js';

export interface SubscriptionParts {
  params: SubscriptionCreateParams;
  items: { price: Price; quantity: number; metadata: Record<string, string> }[];
  defaultMethod: string | null;
  currency: string;
  /** Seconds since the epoch. */
  period: { start: number; end: number };
  trialEnd: number | null;
}

export function newSubscription(world: StripeWorld, parts: SubscriptionParts): Subscription {
  const { params, trialEnd, period } = parts;
  const id = newId('sub');
  const now = world.clock.seconds();
  const items = parts.items.map((item) => newItem(id, now, period, item));
  return {
    id,
    object: 'subscription',
    application: null,
    application_fee_percent: null,
    automatic_tax: { disabled_reason: null, enabled: false, liability: null },
    billing_cycle_anchor: trialEnd ?? now,
    billing_cycle_anchor_config: null,
    billing_mode: billingMode(params),
    billing_schedules: [],
    billing_thresholds: null,
    cancel_at: null,
    cancel_at_period_end: false,
    canceled_at: null,
    cancellation_details: { comment: null, feedback: null, feedback_option: null, reason: null },
    collection_method: 'charge_automatically',
    created: now,
    currency: parts.currency,
    customer: params.customer,
    customer_account: null,
    days_until_due: null,
    default_payment_method: parts.defaultMethod,
    default_source: null,
    default_tax_rates: [],
    description: params.description || null,
    discounts: [],
    ended_at: null,
    invoice_settings: {
      account_tax_ids: null,
      custom_fields: null,
      description: null,
      footer: null,
      issuer: { type: 'self' },
    },
    items: {
      object: 'list',
      data: items,
      has_more: false,
      url: `/v1/subscription_items?subscription=${id}`,
    },
    latest_invoice: null,
    livemode: false,
    managed_payments: { enabled: false },
    metadata: params.metadata ?? {},
    next_pending_invoice_item_invoice: null,
    on_behalf_of: null,
    pause_collection: null,
    payment_settings: {
      payment_method_options: null,
      payment_method_types: null,
      save_default_payment_method: params.payment_settings?.save_default_payment_method ?? 'off',
    },
    pending_invoice_item_interval: null,
    pending_setup_intent: null,
    pending_update: null,
    schedule: null,
    start_date: now,
    status: trialEnd === null ? 'incomplete' : 'trialing',
    test_clock: null,
    transfer_data: null,
    trial_end: trialEnd,
    trial_settings: trialSettings(params),
    trial_start: trialEnd === null ? null : now,
  };
}

/** What the end of a trial does without a payment method; it bills unless it was told otherwise. */
export function trialSettings({
  trial_settings: settings,
}: Pick<SubscriptionCreateParams, 'trial_settings'>): Subscription['trial_settings'] {
  const missing = settings?.end_behavior?.missing_payment_method ?? 'create_invoice';
  return { end_behavior: { billing_cycle_anchor: null, missing_payment_method: missing } };
}

/** The older object that an item still shows beside its price. */
export function planOf(price: Price): Plan {
  return {
    id: price.id,
    object: 'plan',
    active: price.active,
    amount: price.unit_amount,
    amount_decimal: price.unit_amount_decimal,
    billing_scheme: 'per_unit',
    created: price.created,
    currency: price.currency,
    interval: price.recurring?.interval ?? 'month',
    interval_count: price.recurring?.interval_count ?? 1,
    livemode: false,
    metadata: { ...price.metadata },
    meter: null,
    nickname: price.nickname,
    product: price.product,
    tiers_mode: null,
    transform_usage: null,
    trial_period_days: null,
    usage_type: 'licensed',
  };
}

export function newItem(
  subscription: string,
  created: number,
  period: SubscriptionParts['period'],
  item: SubscriptionParts['items'][number],
): SubscriptionItem {
  return {
    id: newId('si', 14),
    object: 'subscription_item',
    billing_thresholds: null,
    created,
    current_period_end: period.end,
    current_period_start: period.start,
    current_trial: null,
    discounts: [],
    metadata: item.metadata,
    plan: planOf(item.price),
    price: item.price,
    quantity: item.quantity,
    subscription,
    tax_rates: [],
  };
}

function billingMode(params: SubscriptionCreateParams): Subscription['billing_mode'] {
  const type = params.billing_mode?.type ?? 'flexible';
  return { flexible: type === 'flexible' ? { proration_discounts: 'included' } : null, type };
}
