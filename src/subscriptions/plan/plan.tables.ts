import { sql } from 'drizzle-orm';
import { boolean, integer, pgTable, primaryKey, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core';
import { instant, instantNow, int8 } from '../../database/columns.js';
import type { PlanInterval } from '../../providers/billing.facts.js';

/** What can be subscribed to, at one provider. */
export const plans = pgTable(
  'plans',
  {
    /** Ours alone: subscriptions and recorded calls name it. */
    uid: uuid('uid').primaryKey(),
    /** The caller's own, unique among plans that are not deleted. */
    id: text('id').notNull(),
    provider: text('provider').notNull(),
    livemode: boolean('livemode').notNull(),
    /** Null until the provider has made it. */
    providerPlanId: text('provider_plan_id'),
    providerProductId: text('provider_product_id'),
    name: text('name').notNull(),
    /** Minor units, for one cycle. */
    amount: int8('amount').notNull(),
    currency: text('currency').notNull(),
    interval: text('interval').$type<PlanInterval>().notNull(),
    frequency: integer('frequency').notNull(),
    trialDays: integer('trial_days').notNull(),
    expiryCount: integer('expiry_count'),
    maxRetries: integer('max_retries'),
    retryDelayHours: integer('retry_delay_hours'),
    caller: text('caller').notNull(),
    confirmedAt: instant('confirmed_at'),
    createdAt: instantNow('created_at'),
    updatedAt: instantNow('updated_at'),
    deletedAt: instant('deleted_at'),
  },
  (table) => [
    uniqueIndex('plans_by_id')
      .on(table.id)
      .where(sql`deleted_at is null`),
  ],
);

/** Every id that a plan ever had at its provider: a changed price is a new one there, and subscribers keep the old. */
export const planPrices = pgTable(
  'plan_prices',
  {
    provider: text('provider').notNull(),
    providerPlanId: text('provider_plan_id').notNull(),
    planUid: uuid('plan_uid').notNull(),
  },
  (table) => [primaryKey({ columns: [table.provider, table.providerPlanId] })],
);

export type PlanRow = typeof plans.$inferSelect;
