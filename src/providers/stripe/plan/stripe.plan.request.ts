import type Stripe from 'stripe';
import type { PlanTerms } from '../../billing.facts.js';
import type { PlanCommand } from '../../billing.ports.js';
import type { ProviderCall } from '../../provider.calls.js';
import { unsupported } from '../../provider.errors.js';
import { given } from '../../request.rules.js';
import { amountAtStripe, assertAmount } from '../stripe.limits.js';

/** Stripe's longest cycle is three years. */
const MAX_FREQUENCY = { week: 156, month: 36, year: 3 };

/** A plan is a recurring price, whose product has the name. Pure. @throws ServiceError naming the field. */
export function planRequest(command: PlanCommand, installationId?: string): ProviderCall['request'] {
  if (command.kind === 'delete_plan') return { target: command.target };
  // Another installation may use the same plan id.
  const marks = { planId: command.planId, ...given({ installationId }) };
  const { terms } = command;
  if (command.kind === 'create_plan')
    return { product: { name: terms.name, metadata: marks }, price: priceParams(terms, marks) };
  const { target, changed } = command;
  const fixed = (['interval', 'frequency'] as const).find((field) => changed.includes(field));
  if (fixed !== undefined) throw unsupported(fixed, 'of a plan cannot be changed at Stripe');
  const price = priceParams(terms, marks);
  const isKept = changed.includes('trialDays') || changed.includes('expiryCount');
  return {
    target,
    ...(changed.includes('name') && { product: { name: terms.name } }),
    ...(changed.includes('money')
      ? { price }
      : isKept && { kept: { metadata: { trialDays: '', expiryCount: '', ...price.metadata } } }),
  };
}

/** Prices have no number of cycles, and new ones no trial: metadata keeps both for the subscription. */
function priceParams(
  terms: PlanTerms,
  marks: Record<string, string>,
): Stripe.PriceCreateParams & { metadata: object } {
  const { money, interval, frequency, trialDays, expiryCount } = terms;
  if (interval === 'half_month') throw unsupported('interval', 'half_month is not available at Stripe');
  for (const field of ['maxRetries', 'retryDelayHours'] as const) {
    if (terms[field] !== undefined) throw unsupported(field, 'is set for the whole account at Stripe');
  }
  if (frequency > MAX_FREQUENCY[interval])
    throw unsupported('frequency', 'must make at most three years at Stripe');
  assertAmount({ money }, 'amount');
  return {
    currency: money.currency.toLowerCase(),
    unit_amount: amountAtStripe(money, 'amount', 'has'),
    recurring: { interval, interval_count: frequency },
    metadata: {
      ...marks,
      ...(trialDays > 0 && { trialDays: String(trialDays) }),
      ...(expiryCount !== undefined && { expiryCount: String(expiryCount) }),
    },
  };
}
