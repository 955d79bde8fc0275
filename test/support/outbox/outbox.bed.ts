import { sql } from 'drizzle-orm';
import type { AnyPgColumn } from 'drizzle-orm/pg-core';
import { randomUUID } from 'node:crypto';
import type { OrdersSettings } from '../../../src/config/settings.js';
import type { Database } from '../../../src/database/database.js';
import { ServiceFacts } from '../../../src/database/service.store.js';
import { NatsConnection } from '../../../src/nats/nats.connection.js';
import { Metrics } from '../../../src/ops/metrics.js';
import { JetStreamPublisher } from '../../../src/outbox/stream/jetstream.publisher.js';
import { legacySucceeded, streamMessage } from '../../../src/outbox/event.envelope.js';
import { OrdersBridge } from '../../../src/outbox/orders/orders.bridge.js';
import { OrdersFollowUp } from '../../../src/outbox/orders/orders.follow-up.js';
import { OrdersLookup } from '../../../src/outbox/orders/orders.lookup.js';
import { OrdersSender } from '../../../src/outbox/orders/orders.sender.js';
import { OrdersStore } from '../../../src/outbox/orders/orders.store.js';
import type { OutboxMessage } from '../../../src/outbox/outbox.message.js';
import { OutboxRelay } from '../../../src/outbox/stream/outbox.relay.js';
import { OutboxStore } from '../../../src/outbox/outbox.store.js';
import { outbox } from '../../../src/outbox/outbox.tables.js';
import { StreamGuard } from '../../../src/outbox/stream/stream.guard.js';
import { SERVICE } from '../domain/domain.bed.js';
import { LOOKUP_TIMEOUT_MS, natsSettings, ordersSettings } from './outbox.settings.js';

export { LOOKUP_TIMEOUT_MS, natsSettings, ordersSettings };

/** One process's worth of outbox, on a broker and a database that tests share and disturb. */
export class OutboxBed {
  readonly nats: NatsConnection;
  readonly store: OutboxStore;
  readonly guard: StreamGuard;
  readonly publisher: JetStreamPublisher;
  readonly relay: OutboxRelay;
  readonly orders: OrdersStore;
  readonly lookup: OrdersLookup;
  readonly bridge: OrdersBridge;

  constructor(
    url: string,
    readonly database: Database,
    change: Partial<OrdersSettings> = {},
  ) {
    const orders = ordersSettings(change);
    const metrics = new Metrics();
    this.nats = new NatsConnection(natsSettings(url));
    this.store = new OutboxStore(database);
    this.guard = new StreamGuard(this.nats, natsSettings(url), this.store, orders);
    this.publisher = new JetStreamPublisher(this.nats, this.guard, natsSettings(url));
    this.relay = new OutboxRelay(this.store, this.publisher, this.guard, metrics, SERVICE);
    this.orders = new OrdersStore(database, new ServiceFacts());
    this.lookup = new OrdersLookup(this.nats, orders, this.orders);
    const followUp = new OrdersFollowUp(this.nats, this.lookup, this.store, this.orders, orders);
    const sender = new OrdersSender(this.nats, metrics, natsSettings(url), orders, SERVICE);
    this.bridge = new OrdersBridge(this.guard, this.store, this.orders, sender, followUp);
  }

  start(): this {
    this.guard.start();
    this.relay.start();
    this.bridge.start();
    this.nats.open();
    return this;
  }

  async stop(): Promise<void> {
    await Promise.all([this.guard.stop(), this.relay.stop(), this.bridge.stop()]);
    await this.nats.close();
  }

  append(...messages: OutboxMessage[]): Promise<void> {
    return this.database.transaction((tx) => this.store.append(tx, messages));
  }

  async row(id: string) {
    const rows = await this.database.db
      .select()
      .from(outbox)
      .where(sql`${outbox.id} = ${id}`);
    if (rows[0] === undefined) throw new Error(`no row ${id}`);
    return rows[0];
  }

  async rows() {
    return this.database.db.select().from(outbox).orderBy(outbox.seq);
  }

  /** As if that time had passed for one message. */
  async age(id: string, milliseconds: number): Promise<void> {
    const ago = (column: AnyPgColumn) => sql`${column} - make_interval(secs => ${milliseconds / 1000})`;
    await this.database.db
      .update(outbox)
      .set({
        // Due, and not before it was: nothing in the product dates a message back.
        nextAttemptAt: sql`greatest(${ago(outbox.nextAttemptAt)}, least(${outbox.nextAttemptAt}, payments_now()))`,
        firstSentAt: ago(outbox.firstSentAt),
        lastSentAt: ago(outbox.lastSentAt),
        missingSince: ago(outbox.missingSince),
      })
      .where(sql`${outbox.id} = ${id}`);
    this.bridge.wake();
  }

  /** As if the time had come: nothing waits, and no lease holds. */
  async makeDue(): Promise<void> {
    await this.database.db.update(outbox).set({ nextAttemptAt: sql`payments_now()`, leaseUntil: null });
  }
}

export function event(payment: string = randomUUID(), data: object = {}): OutboxMessage {
  return streamMessage({
    id: randomUUID(),
    type: 'payment.succeeded',
    occurredAt: new Date('2026-01-02T03:04:05Z'),
    orderId: randomUUID(),
    paymentId: payment,
    source: '/payments',
    data,
  });
}

export function legacy(orderId: string | number = randomUUID()): OutboxMessage {
  return legacySucceeded({
    id: randomUUID(),
    paymentId: randomUUID(),
    orderId,
    chargeId: 'ch_1',
    receiptUrl: 'https://pay.example.com/receipt',
  });
}
