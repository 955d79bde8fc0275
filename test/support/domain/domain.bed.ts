import { asc, eq } from 'drizzle-orm';
import {
  OrdersSettings,
  type ReturnUrlSettings,
  type ServiceSettings,
} from '../../../src/config/settings.js';
import { CustomerDirectory } from '../../../src/customers/customer/customer.directory.js';
import { DatabaseClock, Installation, ServiceFacts } from '../../../src/database/service.store.js';
import type { Database } from '../../../src/database/database.js';
import { Janitor } from '../../../src/janitor/janitor.js';
import { OperationRound, PaymentRound } from '../../../src/janitor/janitor.rounds.js';
import { IdempotencyService } from '../../../src/http/idempotency/idempotency.service.js';
import { IdempotencyStore } from '../../../src/http/idempotency/idempotency.store.js';
import { Ids } from '../../../src/kernel/ids.js';
import { OutboxSignal } from '../../../src/outbox/outbox.signal.js';
import { OutboxStore } from '../../../src/outbox/outbox.store.js';
import { outbox } from '../../../src/outbox/outbox.tables.js';
import type { Applied } from '../../../src/kernel/applied.js';
import { ChargeService } from '../../../src/payments/charge/charge.service.js';
import { OperationExecutor } from '../../../src/operations/operation.executor.js';
import { OperationHandlers } from '../../../src/operations/operation.handler.js';
import { type Operation, OperationStore } from '../../../src/operations/operation.store.js';
import { OperationTurn } from '../../../src/operations/operation.turn.js';
import { PaymentOperations } from '../../../src/payments/payment.operations.js';
import { PaymentStore } from '../../../src/payments/payment/payment.store.js';
import {
  orderSlots,
  type PaymentRow,
  payments,
  paymentTransitions,
} from '../../../src/payments/payment/payment.tables.js';
import { PaymentsService } from '../../../src/payments/payment/payments.service.js';
import { OrderPrices } from '../../../src/payments/session/order.prices.js';
import type { OwnWord } from '../../../src/payments/facts/own.facts.js';
import { PaymentFacts } from '../../../src/payments/facts/payment.facts.js';
import { PaymentFactsStore } from '../../../src/payments/facts/payment.facts.store.js';
import { ProviderTruth } from '../../../src/payments/facts/provider.truth.js';
import { ReturnUrls } from '../../../src/http/return.urls.js';
import { LiveAttempts } from '../../../src/payments/session/live.attempt.js';
import { OrderTurn } from '../../../src/payments/session/order.turn.js';
import { type ChargeCommand, ChargeReader } from '../../../src/payments/charge/charge.reader.js';
import type { SessionCommand } from '../../../src/payments/session/session.command.js';
import { SessionReader } from '../../../src/payments/session/session.reader.js';
import { SessionService } from '../../../src/payments/session/session.service.js';
import type { Fact } from '../../../src/providers/facts.js';
import { ProviderHealth, ProviderRegistry } from '../../../src/providers/provider.registry.js';
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
  readonly facts: PaymentFacts;
  readonly operations = new OperationStore();
  readonly executor: OperationExecutor;
  /** By the name of a service key. */
  readonly charges: {
    charge(id: string, read: () => Promise<ChargeCommand>, key: string): Promise<PaymentRow>;
  };
  readonly sessions: { open(command: SessionCommand, key: string): Promise<PaymentRow> };
  readonly janitor: Janitor;

  constructor(
    readonly database: Database,
    orders: Partial<OrdersSettings> = {},
  ) {
    this.clock = new TestClock(database);
    const ids = new Ids(this.clock);
    const [rows, signal] = [new PaymentStore(), new OutboxSignal()];
    this.facts = new PaymentFacts(
      new PaymentFactsStore(),
      rows,
      new OutboxStore(database),
      new Installation(OUR_INSTALLATION),
      new ServiceFacts(),
      { ...ORDERS, ...orders },
      SERVICE,
    );
    const registry = new ProviderRegistry([this.provider], { routes: [] }, new ProviderHealth(this.clock));
    const handlers = new OperationHandlers();
    new PaymentOperations(handlers, database, this.operations, this.facts, registry, this.clock);
    this.executor = new OperationExecutor(database, this.operations, handlers);
    const turn = new OperationTurn(database, this.operations, this.executor, signal, this.clock);
    const attempts = new LiveAttempts(rows, this.facts, this.operations, turn, ids, this.clock);
    const truth = new ProviderTruth(database, rows, registry, this.facts, signal);
    const orderTurn = new OrderTurn(database, rows, attempts, turn, truth, new DatabaseClock(database));
    const reads = new PaymentsService(database, rows, SERVICE);
    const keys = new IdempotencyService(database, new IdempotencyStore());
    const urls = new ReturnUrls(RETURN_URLS, SERVICE);
    // What is asked for here is priced, and names no customer.
    const prices: OrderPrices = Object.create(OrderPrices.prototype);
    const customers: CustomerDirectory = Object.create(CustomerDirectory.prototype);
    const sessions = new SessionService(
      keys,
      new SessionReader(prices, urls, customers, registry, this.clock),
      orderTurn,
      attempts,
      reads,
      ids,
      this.clock,
    );
    this.sessions = { open: (command, key) => sessions.open(command, serviceKey(key)) };
    const charges = new ChargeService(
      keys,
      new ChargeReader(urls, customers, registry),
      orderTurn,
      attempts,
      reads,
      ids,
      SERVICE,
    );
    this.charges = { charge: (id, read, key) => charges.charge(id, read, serviceKey(key)) };
    const settling = new OperationRound(database, this.operations, this.executor, signal);
    this.janitor = new Janitor([settling, new PaymentRound(database, rows, truth, orderTurn)], registry);
  }

  /** As of a process that dies before it makes the call that it recorded. */
  async dying(work: () => Promise<unknown>): Promise<Operation> {
    const { executor } = this;
    let recorded: Operation | undefined;
    const execute = executor.execute.bind(executor);
    executor.execute = (operation) => {
      recorded = operation;
      return Promise.reject(new Error('the process dies'));
    };
    await work().catch(() => undefined);
    executor.execute = execute;
    if (recorded === undefined) throw new Error('no call was recorded');
    return recorded;
  }

  /** As a webhook's worker does: one transaction. */
  apply(fact: Fact, cause = 'webhook:evt_test'): Promise<Applied> {
    return this.database.transaction((tx) => this.facts.apply(tx, fact, cause));
  }

  /** The same for an event that has waited for its payment's row long enough. */
  applyLate(fact: Fact): Promise<Applied> {
    return this.database.transaction(async (tx) => {
      const [decision] = await this.facts.applyAll(tx, [{ fact, cause: 'webhook:evt_test', waited: true }]);
      return decision?.applied ?? { kind: 'ignored', reason: 'not decided' };
    });
  }

  /** What we know of ourselves. */
  async say({ id, provider }: PaymentRow, word: OwnWord): Promise<void> {
    const occurredAt = this.clock.now();
    const fact = { kind: 'own', ref: { provider, paymentId: id }, occurredAt, ...word } as const;
    await this.database.transaction((tx) => this.facts.apply(tx, fact, 'api:shop'));
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
