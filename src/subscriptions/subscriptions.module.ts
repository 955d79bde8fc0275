import { Module } from '@nestjs/common';
import { CustomersModule } from '../customers/customers.module.js';
import { HttpModule } from '../http/http.module.js';
import { OperationsModule } from '../operations/operations.module.js';
import { OutboxModule } from '../outbox/outbox.module.js';
import { PaymentsModule } from '../payments/payments.module.js';
import { BillingTruth } from './facts/billing.truth.js';
import { PlansModule } from './plan/plans.module.js';
import { CyclePayments } from './cycle/cycle.payments.js';
import { FactReferencesReader } from './facts/fact.references.js';
import { GoneSubscriptions } from './facts/gone.subscriptions.js';
import { KnownSubscriptions } from './facts/known.subscriptions.js';
import { NewSubscriptions } from './command/new.subscriptions.js';
import { PeriodBook } from './cycle/period.book.js';
import { PeriodStore } from './cycle/period.store.js';
import { SubscriptionAnswers } from './command/subscription.answers.js';
import { SubscriptionCalls } from './command/subscription.calls.js';
import { SubscriptionCommander } from './command/subscription.commander.js';
import { SubscriptionCreation } from './command/subscription.creation.js';
import { SubscriptionFactApplier } from './facts/subscription.fact.applier.js';
import { SubscriptionFinder } from './facts/subscription.finder.js';
import { SubscriptionLogStore } from './subscription/subscription.log.store.js';
import { SubscriptionOperations } from './command/subscription.operations.js';
import { SubscriptionProviders } from './command/subscription.port.js';
import { SubscriptionReader } from './facts/subscription.reader.js';
import { SubscriptionReads } from './subscription/subscription.reads.store.js';
import { SubscriptionRequests } from './subscription/subscription.requests.js';
import { SubscriptionReservation, SubscriptionTargets } from './command/subscription.reservation.js';
import { SubscriptionStore } from './subscription/subscription.store.js';
import { SubscriptionTruth } from './facts/subscription.truth.js';
import { SubscriptionWriter } from './subscription/subscription.writer.js';
import { SubscriptionsEndpoint } from './subscription/subscriptions.endpoint.js';
import { SubscriptionsHttpController } from './subscription/subscriptions.http.controller.js';
import { SubscriptionsNatsController } from './subscription/subscriptions.nats.controller.js';
import { SubscriptionDirectory, SubscriptionsService } from './subscription/subscriptions.service.js';

const STORES = [SubscriptionStore, SubscriptionReads, SubscriptionLogStore, PeriodStore];
const FACTS = [
  SubscriptionFinder,
  FactReferencesReader,
  CyclePayments,
  PeriodBook,
  SubscriptionWriter,
  SubscriptionFactApplier,
  KnownSubscriptions,
  GoneSubscriptions,
  SubscriptionReader,
  SubscriptionTruth,
  BillingTruth,
];
const COMMANDS = [
  SubscriptionProviders,
  SubscriptionAnswers,
  SubscriptionOperations,
  SubscriptionCalls,
  SubscriptionTargets,
  SubscriptionReservation,
  SubscriptionCommander,
  NewSubscriptions,
  SubscriptionCreation,
];

/** Who pays what, again and again. */
@Module({
  imports: [OperationsModule, OutboxModule, CustomersModule, PaymentsModule, PlansModule, HttpModule],
  controllers: [SubscriptionsHttpController, SubscriptionsNatsController],
  providers: [
    ...STORES,
    ...FACTS,
    ...COMMANDS,
    SubscriptionDirectory,
    SubscriptionsService,
    SubscriptionRequests,
    SubscriptionsEndpoint,
  ],
  exports: [PlansModule, SubscriptionsService, SubscriptionTruth, BillingTruth, SubscriptionStore],
})
export class SubscriptionsModule {}
