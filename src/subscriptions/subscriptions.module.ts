import { Module } from '@nestjs/common';
import { CustomersModule } from '../customers/customers.module.js';
import { HttpModule } from '../http/http.module.js';
import { OperationsModule } from '../operations/operations.module.js';
import { OutboxModule } from '../outbox/outbox.module.js';
import { PaymentsModule } from '../payments/payments.module.js';
import { NewSubscriptions } from './command/new.subscriptions.js';
import { SubscriptionDirectory } from './command/subscription.directory.js';
import { SubscriptionOperations } from './command/subscription.operations.js';
import { SubscriptionTurn } from './command/subscription.turn.js';
import { SubscriptionsService } from './command/subscriptions.service.js';
import { PeriodStore } from './cycle/period.store.js';
import { BillingTruth } from './facts/billing.truth.js';
import { FactReferencesReader } from './facts/fact.references.js';
import { SubscriptionFacts } from './facts/subscription.facts.js';
import { SubscriptionFactsStore } from './facts/subscription.facts.store.js';
import { SubscriptionReader } from './facts/subscription.reader.js';
import { SubscriptionTruth } from './facts/subscription.truth.js';
import { PlanApplier } from './plan/plan.applier.js';
import { PlanOperations } from './plan/plan.operations.js';
import { PlanStore } from './plan/plan.store.js';
import { PlansService } from './plan/plans.service.js';
import { SignupService } from './signup/signup.service.js';
import {
  PlansHttpController,
  SignupHttpController,
  SubscriptionsHttpController,
} from './subscriptions.http.controller.js';
import { SubscriptionsNatsController } from './subscriptions.nats.controller.js';
import { SubscriptionStore } from './subscription/subscription.store.js';

/** Who pays what, again and again. */
@Module({
  imports: [OperationsModule, OutboxModule, CustomersModule, PaymentsModule, HttpModule],
  controllers: [
    PlansHttpController,
    SubscriptionsHttpController,
    SubscriptionsNatsController,
    SignupHttpController,
  ],
  providers: [
    ...[PlanStore, PlanApplier, PlanOperations, PlansService],
    ...[SubscriptionStore, PeriodStore],
    ...[FactReferencesReader, SubscriptionFacts, SubscriptionFactsStore],
    ...[SubscriptionReader, SubscriptionTruth, BillingTruth],
    ...[SubscriptionDirectory, NewSubscriptions, SubscriptionOperations, SubscriptionTurn],
    ...[SubscriptionsService, SignupService],
  ],
  exports: [SubscriptionsService, SubscriptionTruth, BillingTruth, SubscriptionStore],
})
export class SubscriptionsModule {}
