import type { PlanFact, PlanInterval, PlanTerms } from '../../billing.facts.js';
import { integerOf, isJson, type Json, jsonOf, metadataOf, textOf } from '../../json.read.js';
import { STRIPE } from '../stripe.account.js';
import { fromStripeAmount } from '../stripe.money.js';

/** Stripe also has days, and no half month. */
export const STRIPE_INTERVALS: ReadonlyMap<unknown, PlanInterval> = new Map([
  ['week', 'week'],
  ['month', 'month'],
  ['year', 'year'],
]);

/** A price with its product expanded. Undefined for one that is paid once, by usage, in tiers or by the day. */
export function planFact(value: unknown): PlanFact | undefined {
  if (!isJson(value) || value.object !== 'price') return undefined;
  const providerPlanId = textOf(value.id);
  const product = jsonOf(value.product);
  const terms = termsOf(value, product);
  if (providerPlanId === undefined || terms === undefined) return undefined;
  const { installationId, planId } = metadataOf(value.metadata);
  return {
    kind: 'plan',
    provider: STRIPE,
    livemode: value.livemode === true,
    providerPlanId,
    providerProductId: textOf(product.id) ?? textOf(value.product),
    installationId: textOf(installationId),
    planId: textOf(planId),
    terms,
    deleted: value.active === false || product.active === false || product.deleted === true,
  };
}

function termsOf(price: Json, product: Json): PlanTerms | undefined {
  const recurring = jsonOf(price.recurring);
  const interval = STRIPE_INTERVALS.get(recurring.interval);
  const [amount, currency] = [integerOf(price.unit_amount), textOf(price.currency)];
  if (interval === undefined || amount === undefined || currency === undefined) return undefined;
  if (recurring.usage_type === 'metered') return undefined;
  const kept = metadataOf(price.metadata);
  return {
    // A deleted product has none.
    name: textOf(product.name) ?? textOf(price.nickname) ?? textOf(price.id) ?? '',
    money: fromStripeAmount(amount, currency),
    interval,
    frequency: integerOf(recurring.interval_count) ?? 1,
    trialDays: countOf(kept.trialDays) ?? integerOf(recurring.trial_period_days) ?? 0,
    expiryCount: countOf(kept.expiryCount),
  };
}

/** From metadata, which can be edited in Stripe's panel. */
export function countOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,4}$/.test(text) ? Number(text) : undefined;
}
