export type PlanInterval = 'week' | 'half_month' | 'month' | 'year';

/** What is charged, and how often. Only `amount`, `currency`, `name` and `expiry_count` ever change. */
export interface Plan {
  id: string;
  object: 'plan';
  livemode: boolean;
  created_at: number;
  name: string;
  /** Centavos or cents. */
  amount: number;
  currency: 'MXN' | 'USD';
  interval: PlanInterval;
  /** Intervals that make one cycle. */
  frequency: number;
  trial_period_days: number | null;
  /** Paid cycles after which a subscription ends; null: never. */
  expiry_count: number | null;
  max_retries: number;
  retry_delay_hours: number;
}
