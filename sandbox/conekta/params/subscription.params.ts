import { integer, shape, text, type ParamsOf } from './rules.js';

const fields = { plan_id: text(), card_id: text(), trial_end: integer({ min: 1 }) };

export const subscriptionCreate = shape(fields, ['plan_id']);
export const subscriptionUpdate = shape(fields);
export type SubscriptionCreateParams = ParamsOf<typeof subscriptionCreate>;
export type SubscriptionUpdateParams = ParamsOf<typeof subscriptionUpdate>;

/** As callers of older versions name them. */
export const oldSubscriptionCreate = shape({ ...fields, plan: text(), card: text(), customer_id: text() });
