import { asc, eq } from 'drizzle-orm';
import {
  OrdersSettings,
  type ReturnUrlSettings,
  type ServiceSettings,
} from '../../../src/config/settings.js';
import { DatabaseClock } from '../../../src/database/database.clock.js';
import type { Database } from '../../../src/database/database.js';
import { Installation } from '../../../src/database/installation.store.js';
import { ServiceFacts } from '../../../src/database/service.facts.js';
import { Janitor } from '../../../src/janitor/janitor.js';
import { OperationRound, PaymentRound } from '../../../src/janitor/janitor.rounds.js';
import { UuidV7Ids } from '../../../src/kernel/ids.js';
import { OutboxSignal } from '../../../src/outbox/outbox.signal.js';
import { OutboxStore } from '../../../src/outbox/outbox.store.js';
import { outbox } from '../../../src/outbox/outbox.tables.js';
import { AdoptionDate, AdoptionService } from '../../../src/payments/facts/adoption.service.js';
import type { Applied } from '../../../src/kernel/applied.js';
import { ChargeOperations } from '../../../src/payments/charge/charge.operations.js';
import { ChargeRecords } from '../../../src/payments/charge/charge.records.js';
import { ChargeReservation } from '../../../src/payments/charge/charge.reservation.js';
import { ChargeHands, ChargeService } from '../../../src/payments/charge/charge.service.js';
import { ChargeWriter } from '../../../src/payments/charge/charge.writer.js';
import { DisputeApplier } from '../../../src/payments/dispute/dispute.applier.js';
import { DisputeStore } from '../../../src/payments/dispute/dispute.store.js';
import { FactApplier, MoneyBackAppliers } from '../../../src/payments/facts/fact.applier.js';
import { NewSessionStores, NewSessionWriter } from '../../../src/payments/session/new.session.writer.js';
import { OperationExecutor } from '../../../src/operations/operation.executor.js';
import { OperationHandlers } from '../../../src/operations/operation.handler.js';
import { OperationStore } from '../../../src/operations/operation.store.js';
import { Appliers, SessionOperations } from '../../../src/payments/session/session.operations.js';
import { OrderSlotStore } from '../../../src/payments/payment/order.slot.store.js';
import { OwnFactApplier } from '../../../src/payments/payment/own.fact.applier.js';
import { PaymentApplier } from '../../../src/payments/payment/payment.applier.js';
import { PaymentStore } from '../../../src/payments/payment/payment.store.js';
import {
  orderSlots,
  type PaymentRow,
  payments,
  paymentTransitions,
} from '../../../src/payments/payment/payment.tables.js';
import { PaymentWriter } from '../../../src/payments/payment/payment.writer.js';
import { ProviderTruth } from '../../../src/payments/facts/provider.truth.js';
import { RefundApplier } from '../../../src/payments/refund/refund.applier.js';
import { RefundStore } from '../../../src/payments/refund/refund.store.js';
import { ReturnUrls } from '../../../src/payments/session/return.urls.js';
import { SessionCloser } from '../../../src/payments/session/session.closer.js';
import { LiveAttempts } from '../../../src/payments/session/live.attempt.js';
import { OrderTurn } from '../../../src/payments/session/order.turn.js';
import { PaymentRows } from '../../../src/payments/session/payment.rows.js';
import { SessionReservation } from '../../../src/payments/session/session.reservation.js';
import type { ChargeRequest } from '../../../src/payments/charge/charge.request.js';
import type { SessionRequest } from '../../../src/payments/session/session.request.js';
import { SessionService } from '../../../src/payments/session/session.service.js';
import { SessionStores } from '../../../src/payments/session/session.stores.js';
import type { Fact } from '../../../src/providers/facts.js';
import { ProviderHealth } from '../../../src/providers/provider.health.js';
import { ProviderRegistry } from '../../../src/providers/provider.registry.js';
import { ChargingProvider } from './fake.charges.js';
import { serviceKey } from './requests.js';
import { TestClock } from './test.clock.js';
import { ordersSettings } from '../outbox/outbox.settings.js';

export const SERVICE: ServiceSettings = {
  port: 0,
  host: '127.0.0.1',
  nodeEnv: 'test',
  logLevel: 'silent',
  publicUrl: 'https://pay.example',
  trustedProxies: [],
  rateLimit: 0,
  corsOrigins: [],
  redirectOrigins: ['https://shop.example'],
  shutdownDrainMs: 0,
  failpoint: undefined,
  installationId: undefined,
};
export const OUR_INSTALLATION = 'shop-test';
const RETURN_URLS: ReturnUrlSettings = { success: {}, cancel: {} };
const ORDERS = ordersSettings({ timeoutMs: 1_000 });

/** One process's worth of the payments room around a provider in memory; whatever calls it, runs for real. */
export class DomainBed {
  readonly provider = new ChargingProvider();
  readonly clock: TestClock;
  readonly applier: FactApplier;
  readonly own: OwnFactApplier;
  readonly operations = new OperationStore();
  readonly reservation: SessionReservation;
  readonly executor: OperationExecutor;
  readonly charges: {
    charge(id: string, ask: () => Promise<ChargeRequest>, key: string): Promise<PaymentRow>;
  };
  readonly chargeReservation: ChargeReservation;
  readonly chargeWriter: ChargeWriter;
  /** By the name of a service key. */
  readonly sessions: { open(request: SessionRequest, key: string): Promise<PaymentRow> };
  readonly janitor: Janitor;

  constructor(
    readonly database: Database,
    orders: Partial<OrdersSettings> = {},
  ) {
    this.clock = new TestClock(database);
    const ids = new UuidV7Ids(this.clock);
    const [rows, slots, signal] = [new PaymentStore(), new OrderSlotStore(), new OutboxSignal()];
    const writer = new PaymentWriter(rows, new OutboxStore(database), ids, SERVICE);
    const paymentFacts = new PaymentApplier(rows, slots, writer, SERVICE);
    const since = new AdoptionDate({ ...ORDERS, ...orders }, new ServiceFacts());
    this.applier = new FactApplier(
      rows,
      slots,
      new AdoptionService(rows, slots, paymentFacts, new Installation(OUR_INSTALLATION), since),
      paymentFacts,
      new MoneyBackAppliers(
        new RefundApplier(rows, slots, new RefundStore(), writer, ids),
        new DisputeApplier(rows, new DisputeStore(), writer, ids),
      ),
    );
    this.own = new OwnFactApplier(rows, slots, writer, this.clock);
    const registry = new ProviderRegistry([this.provider], { routes: [] }, new ProviderHealth(this.clock));
    const newStores = new NewSessionStores(rows, this.operations, writer, ids);
    const urls = new ReturnUrls(RETURN_URLS, SERVICE);
    const newSessions = new NewSessionWriter(newStores, registry, urls, this.clock);
    const stores = new SessionStores(slots, rows, this.operations, ids);
    const attempts = new LiveAttempts(stores);
    this.reservation = new SessionReservation(database, stores, attempts, newSessions, this.clock);
    const handlers = new OperationHandlers();
    const appliers = new Appliers(this.applier, this.own);
    new SessionOperations(handlers, appliers, registry, this.clock);
    const records = new ChargeRecords(database, new DatabaseClock(database), this.operations, rows);
    new ChargeOperations(handlers, appliers, records, registry, this.clock);
    this.executor = new OperationExecutor(database, this.operations, handlers);
    const truth = new ProviderTruth(database, rows, registry, this.applier, signal);
    const payments = new PaymentRows(database, rows, signal);
    const turn = new OrderTurn(this.executor, truth, payments, this.clock);
    const sessions = new SessionService(this.reservation, turn, payments, this.clock);
    this.sessions = { open: (request, key) => sessions.open(request, serviceKey(key)) };
    this.chargeWriter = new ChargeWriter(newStores, urls, this.clock);
    this.chargeReservation = new ChargeReservation(database, stores, attempts, this.chargeWriter);
    const chargeHands = new ChargeHands(this.executor, turn, payments);
    const charges = new ChargeService(this.chargeReservation, this.chargeWriter, chargeHands, this.clock);
    this.charges = { charge: (id, ask, key) => charges.charge(id, ask, serviceKey(key)) };
    const closer = new SessionCloser(database, stores, this.executor, new DatabaseClock(database));
    const settling = new OperationRound(database, this.operations, this.executor, signal);
    this.janitor = new Janitor([settling, new PaymentRound(database, rows, truth, closer)], registry);
  }

  /** As a webhook's worker does: one transaction. */
  apply(fact: Fact, cause = 'webhook:evt_test'): Promise<Applied> {
    return this.database.transaction((tx) => this.applier.apply(tx, fact, cause));
  }

  /** The same for an event that has waited for its payment's row long enough. */
  applyLate(fact: Fact): Promise<Applied> {
    return this.database.transaction((tx) => this.applier.apply(tx, fact, 'webhook:evt_test', true));
  }

  async payment(id: string): Promise<PaymentRow> {
    const [row] = await this.database.db.select().from(payments).where(eq(payments.id, id));
    if (row === undefined) throw new Error(`no payment ${id}`);
    return row;
  }

  paymentsOf(orderId: string | null): Promise<PaymentRow[]> {
    return this.database.db
      .select()
      .from(payments)
      .where(eq(payments.orderId, orderId ?? ''))
      .orderBy(asc(payments.id));
  }

  async slot(orderId: string | null) {
    const [row] = await this.database.db
      .select()
      .from(orderSlots)
      .where(eq(orderSlots.orderId, orderId ?? ''));
    return row;
  }

  transitions(paymentId: string) {
    return this.database.db
      .select()
      .from(paymentTransitions)
      .where(eq(paymentTransitions.paymentId, paymentId))
      .orderBy(asc(paymentTransitions.version));
  }

  /** What was promised to the outside about an order, oldest first. */
  async messages(
    orderId: string | null,
  ): Promise<{ channel: string; type: string; data: Record<string, unknown> }[]> {
    const rows = await this.database.db
      .select()
      .from(outbox)
      .where(eq(outbox.orderId, orderId ?? ''))
      .orderBy(asc(outbox.seq));
    return rows.map(({ channel, subject, body }) => ({
      channel,
      type: subject.replace('payments.events.', ''),
      data: JSON.parse(body).data,
    }));
  }

  async eventTypes(orderId: string | null): Promise<string[]> {
    return (await this.messages(orderId))
      .filter(({ channel }) => channel === 'stream')
      .map(({ type }) => type);
  }
}
