import { currency } from './order.params.js';
import { int32, integer, nullable, oneOf, shape, text, type ParamsOf } from './rules.js';

const name = text({ max: 249 });
const amount = integer({ min: 1 });
const expiryCount = nullable(int32(1));

export const planCreate = shape(
  {
    id: text({ max: 249 }),
    name,
    amount,
    currency,
    interval: oneOf('week', 'half_month', 'month', 'year'),
    frequency: int32(1),
    trial_period_days: nullable(int32(0)),
    expiry_count: expiryCount,
    max_retries: int32(3),
    retry_delay_hours: int32(48),
  },
  ['name', 'amount', 'interval', 'frequency'],
);
export type PlanCreateParams = ParamsOf<typeof planCreate>;

export const planUpdate = shape({ name, amount, currency, expiry_count: expiryCount });
export type PlanUpdateParams = ParamsOf<typeof planUpdate>;
