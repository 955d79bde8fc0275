import { Module } from '@nestjs/common';
import { CustomersModule } from '../customers/customers.module.js';
import { HttpModule } from '../http/http.module.js';
import { OperationsModule } from '../operations/operations.module.js';
import { OutboxModule } from '../outbox/outbox.module.js';
import { PaymentsModule } from '../payments/payments.module.js';
import { BillingTruth } from './billing.truth.js';
import { PlansModule } from './plan/plans.module.js';
import { CyclePayments } from './subscription/cycle.payments.js';
import { FactReferencesReader } from './subscription/fact.references.js';
import { GoneSubscriptions } from './subscription/gone.subscriptions.js';
import { KnownSubscriptions } from './subscription/known.subscriptions.js';
import { NewSubscriptions } from './subscription/new.subscriptions.js';
import { PeriodBook } from './subscription/period.book.js';
import { PeriodStore } from './subscription/period.store.js';
import { SubscriptionAnswers } from './subscription/subscription.answers.js';
import { SubscriptionCalls } from './subscription/subscription.calls.js';
import { SubscriptionCommander } from './subscription/subscription.commander.js';
import { SubscriptionCreation } from './subscription/subscription.creation.js';
import { SubscriptionFactApplier } from './subscription/subscription.fact.applier.js';
import { SubscriptionFinder } from './subscription/subscription.finder.js';
import { SubscriptionLogStore } from './subscription/subscription.log.store.js';
import { SubscriptionOperations } from './subscription/subscription.operations.js';
import { SubscriptionProviders } from './subscription/subscription.port.js';
import { SubscriptionReader } from './subscription/subscription.reader.js';
import { SubscriptionReads } from './subscription/subscription.reads.store.js';
import { SubscriptionRequests } from './subscription/subscription.requests.js';
import { SubscriptionReservation, SubscriptionTargets } from './subscription/subscription.reservation.js';
import { SubscriptionStore } from './subscription/subscription.store.js';
import { SubscriptionTruth } from './subscription/subscription.truth.js';
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
