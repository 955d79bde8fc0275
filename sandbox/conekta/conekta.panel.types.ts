import type { Customer, PaymentSource, Plan, Subscription } from './conekta.types.js';
import type { CustomerCreateParams, CustomerUpdateParams } from './params/customer.params.js';
import type { PlanCreateParams, PlanUpdateParams } from './params/plan.params.js';
import type { SubscriptionCreateParams, SubscriptionUpdateParams } from './params/subscription.params.js';

/**
 * What somebody does in Conekta's panel: it does what the API does, and is told by webhooks. Fields are
 * those of the API's requests, answers are copies, and refusals are thrown as ConektaError.
 */
export interface ConektaPanel {
  createCustomer(fields: CustomerCreateParams): Promise<Customer>;
  updateCustomer(customerId: string, fields: CustomerUpdateParams): Promise<Customer>;
  deleteCustomer(customerId: string): Promise<Customer>;
  addCard(customerId: string, tokenId: string): Promise<PaymentSource>;
  deleteCard(customerId: string, sourceId: string): Promise<PaymentSource>;
  createPlan(fields: PlanCreateParams): Promise<Plan>;
  updatePlan(planId: string, fields: PlanUpdateParams): Promise<Plan>;
  deletePlan(planId: string): Promise<Plan>;
  createSubscription(customerId: string, fields: SubscriptionCreateParams): Promise<Subscription>;
  updateSubscription(subscriptionId: string, fields: SubscriptionUpdateParams): Promise<Subscription>;
  changePlan(subscriptionId: string, planId: string): Promise<Subscription>;
  pauseSubscription(subscriptionId: string): Promise<Subscription>;
  resumeSubscription(subscriptionId: string): Promise<Subscription>;
  retrySubscription(subscriptionId: string): Promise<Subscription>;
  cancelSubscription(subscriptionId: string): Promise<Subscription>;
}
