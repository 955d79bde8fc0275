import { Module } from '@nestjs/common';
import { CustomersModule } from '../customers/customers.module.js';
import { HttpModule } from '../http/http.module.js';
import { OperationsModule } from '../operations/operations.module.js';
import { OutboxModule } from '../outbox/outbox.module.js';
import { ChargeReader } from './charge/charge.reader.js';
import { ChargeService } from './charge/charge.service.js';
import { PaymentFacts } from './facts/payment.facts.js';
import { PaymentFactsStore } from './facts/payment.facts.store.js';
import { ProviderTruth } from './facts/provider.truth.js';
import { CopiedDatabaseCheck } from './payment/copied.database.check.js';
import { PaymentStore } from './payment/payment.store.js';
import { PaymentsService } from './payment/payments.service.js';
import { PaymentOperations } from './payment.operations.js';
import {
  ChargesHttpController,
  PaymentsHttpController,
  SessionsHttpController,
} from './payments.http.controller.js';
import { PaymentsNatsController } from './payments.nats.controller.js';
import { LiveAttempts } from './session/live.attempt.js';
import { OrderPrices } from './session/order.prices.js';
import { OrderTurn } from './session/order.turn.js';
import { SessionReader } from './session/session.reader.js';
import { SessionService } from './session/session.service.js';

/** Checkout sessions and charges, and what became of the payments. */
@Module({
  imports: [OperationsModule, CustomersModule, OutboxModule, HttpModule],
  controllers: [
    SessionsHttpController,
    ChargesHttpController,
    PaymentsHttpController,
    PaymentsNatsController,
  ],
  providers: [
    ...[PaymentStore, PaymentsService, PaymentOperations, CopiedDatabaseCheck],
    ...[PaymentFacts, PaymentFactsStore, ProviderTruth, LiveAttempts],
    ...[SessionService, SessionReader, OrderTurn, OrderPrices],
    ...[ChargeService, ChargeReader],
  ],
  exports: [
    ...[OrderTurn, PaymentsService, LiveAttempts, PaymentFacts, ProviderTruth, PaymentStore],
    ...[OperationsModule, OutboxModule],
  ],
})
export class PaymentsModule {}
