import { Module } from '@nestjs/common';
import { PaymentsModule } from '../payments/payments.module.js';
import { SubscriptionsModule } from '../subscriptions/subscriptions.module.js';
import { Janitor, JanitorHands } from './janitor.js';
import { Retention } from './retention.js';
import { RetentionStore } from './retention.store.js';
import { SubscriptionChecks } from './subscription.checks.js';

/** Reconciliation and retention. */
@Module({
  imports: [PaymentsModule, SubscriptionsModule],
  providers: [Janitor, JanitorHands, SubscriptionChecks, Retention, RetentionStore],
})
export class JanitorModule {}
