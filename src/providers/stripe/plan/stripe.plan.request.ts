import type Stripe from 'stripe';
import { invalidField } from '../../../kernel/errors.js';
import type { PlanInterval, PlanTerms } from '../../billing.facts.js';
import type { PlanCommand } from '../../billing.ports.js';
import type { ProviderCall } from '../../provider.port.js';
import { unsupported } from '../../provider.errors.js';
import { toStripeAmount } from '../stripe.money.js';
import { assertAmount } from '../session/stripe.session.limits.js';

/** Three years are the longest cycle at Stripe. */
const MAX_FREQUENCY: Readonly<Record<Exclude<PlanInterval, 'half_month'>, number>> = {
  week: 156,
  month: 36,
  year: 3,
};

/** What is changed by a new price, and what is kept beside it. */
const OF_THE_PRICE: readonly (keyof PlanTerms)[] = ['money'];
const OF_ITS_METADATA: readonly (keyof PlanTerms)[] = ['trialDays', 'expiryCount'];
const FIXED: readonly (keyof PlanTerms)[] = ['interval', 'frequency'];

/**
 * The exact request: a plan is a recurring price, whose product has the name. Pure.
 * @throws ServiceError naming the field for what Stripe does not have.
 */
export function planPlan(command: PlanCommand, installationId?: string): ProviderCall['request'] {
  switch (command.kind) {
    case 'create_plan':
      return {
        product: { name: command.terms.name, metadata: marks(command.planId, installationId) },
        price: priceParams(command.planId, command.terms, installationId),
      };
    case 'update_plan':
      return updated(command, installationId);
    case 'delete_plan':
      return { target: command.target };
  }
}

function updated(
  { planId, target, terms, changed }: Extract<PlanCommand, { kind: 'update_plan' }>,
  installationId: string | undefined,
): ProviderCall['request'] {
  const has = (fields: readonly (keyof PlanTerms)[]): boolean =>
    fields.some((field) => changed.includes(field));
  const fixed = FIXED.find((field) => changed.includes(field));
  if (fixed !== undefined) throw unsupported(fixed, 'of a plan cannot be changed at Stripe');
  const price = priceParams(planId, terms, installationId);
  return {
    target,
    ...(changed.includes('name') && { product: { name: terms.name } }),
    ...(has(OF_THE_PRICE)
      ? { price }
      : has(OF_ITS_METADATA) && {
          kept: { metadata: { trialDays: '', expiryCount: '', ...price.metadata } },
        }),
  };
}

/** Stripe has no number of cycles, and new prices no trial: both are kept in metadata, for the subscription. */
function priceParams(
  planId: string,
  terms: PlanTerms,
  installationId: string | undefined,
): Stripe.PriceCreateParams & { metadata: object } {
  const { money, interval, frequency, trialDays, expiryCount } = terms;
  if (interval === 'half_month') throw unsupported('interval', 'half_month is not available at Stripe');
  for (const field of ['maxRetries', 'retryDelayHours'] as const) {
    if (terms[field] !== undefined) throw unsupported(field, 'is set for the whole account at Stripe');
  }
  if (frequency > MAX_FREQUENCY[interval]) {
    throw unsupported('frequency', `must make at most three years at Stripe`);
  }
  assertAmount({ money }, 'amount');
  const amount = toStripeAmount(money);
  if (amount === undefined) {
    throw invalidField('amount', `has more decimals than Stripe takes in ${money.currency}`);
  }
  return {
    currency: money.currency.toLowerCase(),
    unit_amount: Number(amount),
    recurring: { interval, interval_count: frequency },
    metadata: {
      ...marks(planId, installationId),
      ...(trialDays > 0 && { trialDays: String(trialDays) }),
      ...(expiryCount !== undefined && { expiryCount: String(expiryCount) }),
    },
  };
}

/** A plan's id is the caller's own: another installation may have one of the same name. */
function marks(planId: string, installationId: string | undefined): Record<string, string> {
  return { planId, ...(installationId !== undefined && { installationId }) };
}
