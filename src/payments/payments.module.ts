import { Module } from '@nestjs/common';
import { CustomersModule } from '../customers/customers.module.js';
import { HttpModule } from '../http/http.module.js';
import { OperationsModule } from '../operations/operations.module.js';
import { OutboxModule } from '../outbox/outbox.module.js';
import { ChargeReader } from './charge/charge.reader.js';
import { ChargeService } from './charge/charge.service.js';
import { DisputeApplier } from './dispute/dispute.applier.js';
import { DisputeStore } from './dispute/dispute.store.js';
import { AdoptionDate, AdoptionService } from './facts/adoption.service.js';
import { FactApplier, MoneyBackAppliers } from './facts/fact.applier.js';
import { ProviderTruth } from './facts/provider.truth.js';
import { CopiedDatabaseCheck } from './payment/copied.database.check.js';
import { LiveAttempts } from './payment/live.attempt.js';
import { OrderSlotStore } from './payment/order.slot.store.js';
import { PaymentApplier } from './payment/payment.applier.js';
import { PaymentWriter } from './payment/payment.changes.js';
import { PaymentStore } from './payment/payment.store.js';
import { PaymentsService } from './payment/payments.service.js';
import { PaymentOperations } from './payment.operations.js';
import {
  ChargesHttpController,
  PaymentsHttpController,
  SessionsHttpController,
} from './payments.http.controller.js';
import { PaymentsNatsController } from './payments.nats.controller.js';
import { RefundApplier } from './refund/refund.applier.js';
import { RefundStore } from './refund/refund.store.js';
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
    ...[PaymentStore, OrderSlotStore, PaymentWriter, PaymentApplier, PaymentOperations],
    ...[PaymentsService, LiveAttempts, CopiedDatabaseCheck],
    ...[FactApplier, MoneyBackAppliers, AdoptionService, AdoptionDate, ProviderTruth],
    ...[RefundApplier, RefundStore, DisputeApplier, DisputeStore],
    ...[SessionService, SessionReader, OrderTurn, OrderPrices],
    ...[ChargeService, ChargeReader],
  ],
  exports: [
    ...[OrderTurn, PaymentsService, LiveAttempts, FactApplier, ProviderTruth],
    ...[PaymentStore, PaymentWriter, OrderSlotStore],
    ...[OperationsModule, OutboxModule],
  ],
})
export class PaymentsModule {}
