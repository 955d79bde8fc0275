import type { Customer } from '../conekta.types.js';
import type { ConektaWorld } from '../conekta.world.js';
import type { CustomerCreateParams } from '../params/customer.params.js';
import { createCustomer, requireCard } from './customer.moves.js';
import { namedPlan } from './plan.moves.js';
import { createSubscription } from './subscription.moves.js';

/** `POST /customers`: a customer, subscribed at once where the request names a plan. */
export function signUp(world: ConektaWorld, params: CustomerCreateParams): Customer {
  const { plan_id: planId, subscription = planId === undefined ? undefined : { plan_id: planId } } = params;
  if (!subscription) return createCustomer(world, params);
  // Before anything is made and a token is spent.
  namedPlan(world, subscription.plan_id, params.subscription ? 'subscription.plan_id' : 'plan_id');
  requireCard(params);
  const customer = createCustomer(world, params);
  createSubscription(world, customer, subscription);
  return customer;
}
