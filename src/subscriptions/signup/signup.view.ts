import { CustomerResource } from '../../customers/customer/customer.view.js';
import { SubscriptionResource } from '../subscription/subscription.view.js';

/** A new customer, and what was subscribed to in the same call. */
export class SignupAnswer extends CustomerResource {
  subscription!: SubscriptionResource | null;
}
