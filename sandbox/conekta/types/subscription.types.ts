export type SubscriptionStatus = 'in_trial' | 'active' | 'past_due' | 'paused' | 'canceled';

/** Times are seconds since the epoch. */
export interface Subscription {
  id: string;
  object: 'subscription';
  status: SubscriptionStatus;
  plan_id: string;
  customer_id: string;
  customer_custom_reference?: string;
  card_id: string;
  /** The newest charge, whatever became of it. */
  charge_id: string | null;
  last_billing_cycle_order_id?: string;
  created_at: number;
  subscription_start: number;
  /** Without a trial both are the moment of creation, as at Conekta. */
  trial_start: number | null;
  trial_end: number | null;
  billing_cycle_start: number | null;
  billing_cycle_end: number | null;
  paused_at: number | null;
  canceled_at: number | null;
  canceled_reason?: CanceledReason;
}

export type CanceledReason = 'user_cancelation' | 'payment_failed' | 'completed';
