import { Module } from '@nestjs/common';
import { HttpModule } from '../http/http.module.js';
import { OutboxModule } from '../outbox/outbox.module.js';
import { ProvidersModule } from '../providers/providers.module.js';
import { AdoptionDate, AdoptionService } from './adoption.service.js';
import { DisputeApplier } from './dispute.applier.js';
import { DisputeStore } from './dispute.store.js';
import { KnownPayments } from './known.payments.js';
import { FactApplier, MoneyBackAppliers } from './fact.applier.js';
import { NewSessionStores, NewSessionWriter } from './new.session.writer.js';
import { Appliers, OperationExecutor } from './operation.executor.js';
import { OperationStore } from './operation.store.js';
import { OrderPrices } from './order.prices.js';
import { OrderSlotStore } from './order.slot.store.js';
import { OwnFactApplier } from './own.fact.applier.js';
import { PaymentApplier } from './payment.applier.js';
import { PaymentStore } from './payment.store.js';
import { PaymentWriter } from './payment.writer.js';
import { PaymentsHttpController } from './payments.http.controller.js';
import { PaymentsNatsController } from './payments.nats.controller.js';
import { PaymentsService } from './payments.service.js';
import { ProviderTruth } from './provider.truth.js';
import { RefundApplier } from './refund.applier.js';
import { RefundStore } from './refund.store.js';
import { ReturnUrls } from './return.urls.js';
import { SessionCloser } from './session.closer.js';
import { SessionEndpoint } from './session.endpoint.js';
import { SessionRequests } from './session.requests.js';
import { SessionReservation, SessionStores } from './session.reservation.js';
import { PaymentRows, SessionService } from './session.service.js';
import { SessionsHttpController } from './sessions.http.controller.js';

const STORES = [
  PaymentStore,
  OrderSlotStore,
  OperationStore,
  RefundStore,
  DisputeStore,
  SessionStores,
  NewSessionStores,
];
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
  SessionRequests,
  SessionReservation,
  NewSessionWriter,
  OperationExecutor,
  OrderPrices,
  PaymentRows,
  ReturnUrls,
];

@Module({
  imports: [ProvidersModule, OutboxModule, HttpModule],
  controllers: [SessionsHttpController, PaymentsHttpController, PaymentsNatsController],
  providers: [...STORES, ...FACTS, ...SESSIONS, PaymentsService],
  exports: [
    SessionCloser,
    PaymentsService,
    KnownPayments,
    FactApplier,
    PaymentStore,
    OperationStore,
    OperationExecutor,
    ProviderTruth,
    ProvidersModule,
    OutboxModule,
  ],
})
export class PaymentsModule {}
