import type { CustomerFact } from '../../billing.facts.js';
import { idOf, jsonOf } from '../../json.read.js';
import { ProviderError } from '../../provider.errors.js';
import type { StripeBillingCalls } from '../stripe.client.js';
import { customerFact } from './stripe.customer.js';
import { cardUnusable, unusableAnswer } from '../stripe.errors.js';
import { pathOf } from '../stripe.request.js';

export const CUSTOMERS_PATH = '/v1/customers';
export const CARDS_PATH = '/v1/payment_methods';

/** The customer as it is now. @throws ProviderError */
export async function readCustomer(
  client: StripeBillingCalls,
  id: string,
  livemode: boolean,
): Promise<CustomerFact> {
  const customer = await client.get(pathOf(CUSTOMERS_PATH, id));
  const isGone = jsonOf(customer).deleted === true;
  const cards = isGone
    ? []
    : await client.all(pathOf(CUSTOMERS_PATH, id, 'payment_methods'), { type: 'card' });
  const fact = customerFact(customer, cards, livemode);
  if (fact?.providerCustomerId !== id) throw unusableAnswer('not_the_customer');
  return fact;
}

/**
 * Whose card it is, if anybody's.
 * @throws ProviderError card_unusable for one that Stripe does not know.
 */
export async function holderOf(client: StripeBillingCalls, cardId: string): Promise<string | undefined> {
  try {
    const card = jsonOf(await client.get(pathOf(CARDS_PATH, cardId)));
    if (card.object !== 'payment_method') throw unusableAnswer('not_a_payment_method');
    return idOf(card.customer);
  } catch (error) {
    if (error instanceof ProviderError && error.kind === 'not_found') throw cardUnusable('resource_missing');
    throw error;
  }
}

/** Stripe would detach anybody's card. @throws ProviderError card_unusable */
export async function assertHolds(
  client: StripeBillingCalls,
  customerId: string,
  cardId: string,
): Promise<void> {
  assertHeldBy(customerId, await holderOf(client, cardId));
}

/** @param holder whose card it is. @throws ProviderError card_unusable */
export function assertHeldBy(customerId: string, holder: string | undefined): void {
  if (holder !== customerId) throw cardUnusable(holder === undefined ? 'not_attached' : 'other_customer');
}
