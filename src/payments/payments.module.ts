import { Module } from '@nestjs/common';
import { HttpModule } from '../http/http.module.js';
import { OutboxModule } from '../outbox/outbox.module.js';
import { AdoptionDate, AdoptionService } from './facts/adoption.service.js';
import { DisputeApplier } from './dispute/dispute.applier.js';
import { DisputeStore } from './dispute/dispute.store.js';
import { KnownPayments } from './payment/known.payments.js';
import { FactApplier, MoneyBackAppliers } from './facts/fact.applier.js';
import { NewSessionStores, NewSessionWriter } from './session/new.session.writer.js';
import { OperationsModule } from '../operations/operations.module.js';
import { OrderPrices } from './session/order.prices.js';
import { OrderSlotStore } from './payment/order.slot.store.js';
import { OwnFactApplier } from './payment/own.fact.applier.js';
import { PaymentApplier } from './payment/payment.applier.js';
import { PaymentStore } from './payment/payment.store.js';
import { PaymentWriter } from './payment/payment.writer.js';
import { PaymentsHttpController } from './payment/payments.http.controller.js';
import { PaymentsNatsController } from './payments.nats.controller.js';
import { PaymentsService } from './payment/payments.service.js';
import { ProviderTruth } from './facts/provider.truth.js';
import { RefundApplier } from './refund/refund.applier.js';
import { RefundStore } from './refund/refund.store.js';
import { ReturnUrls } from './session/return.urls.js';
import { SessionCloser } from './session/session.closer.js';
import { Appliers, SessionOperations } from './session/session.operations.js';
import { SessionEndpoint } from './session/session.endpoint.js';
import { SessionRequests } from './session/session.requests.js';
import { SessionReservation } from './session/session.reservation.js';
import { PaymentRows } from './session/payment.rows.js';
import { SessionService } from './session/session.service.js';
import { SessionStores } from './session/session.stores.js';
import { LiveAttempts } from './session/live.attempt.js';
import { OrderTurn } from './session/order.turn.js';
import { ChargeEndpoint } from './charge/charge.endpoint.js';
import { ChargeOperations } from './charge/charge.operations.js';
import { ChargePayers } from './charge/charge.payers.js';
import { ChargeRecords } from './charge/charge.records.js';
import { ChargeRequests } from './charge/charge.requests.js';
import { ChargeReservation } from './charge/charge.reservation.js';
import { ChargeHands, ChargeService } from './charge/charge.service.js';
import { ChargeWriter } from './charge/charge.writer.js';
import { ChargesHttpController } from './charge/charges.http.controller.js';
import { CustomersModule } from '../customers/customers.module.js';
import { SessionsHttpController } from './session/sessions.http.controller.js';

const STORES = [PaymentStore, OrderSlotStore, RefundStore, DisputeStore, SessionStores, NewSessionStores];
const FACTS = [
  FactApplier,
  MoneyBackAppliers,
  PaymentApplier,
  RefundApplier,
  DisputeApplier,
  OwnFactApplier,
  Appliers,
  AdoptionService,
  AdoptionDate,
  PaymentWriter,
  KnownPayments,
  ProviderTruth,
];
const SESSIONS = [
  SessionService,
  SessionEndpoint,
  SessionCloser,
  SessionOperations,
  SessionRequests,
  SessionReservation,
  NewSessionWriter,
  OrderPrices,
  PaymentRows,
  ReturnUrls,
  LiveAttempts,
  OrderTurn,
];
const CHARGES = [
  ChargeEndpoint,
  ChargeService,
  ChargeHands,
  ChargeOperations,
  ChargeRecords,
  ChargeRequests,
  ChargePayers,
  ChargeReservation,
  ChargeWriter,
];

@Module({
  imports: [OperationsModule, CustomersModule, OutboxModule, HttpModule],
  controllers: [
    SessionsHttpController,
    ChargesHttpController,
    PaymentsHttpController,
    PaymentsNatsController,
  ],
  providers: [...STORES, ...FACTS, ...SESSIONS, ...CHARGES, PaymentsService],
  exports: [
    ChargeService,
    LiveAttempts,
    SessionCloser,
    PaymentsService,
    KnownPayments,
    LiveAttempts,
    FactApplier,
    PaymentStore,
    PaymentWriter,
    OrderSlotStore,
    ProviderTruth,
    OperationsModule,
    OutboxModule,
  ],
})
export class PaymentsModule {}
