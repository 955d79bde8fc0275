import { Injectable, type OnModuleInit } from '@nestjs/common';
import { NatsConnection } from '../nats/nats.connection.js';
import { Metrics, sharedRead } from '../ops/metrics.js';
import { type Readiness, type ReadinessCheck, ReadinessRegistry } from '../ops/readiness.js';
import { JetStreamPublisher } from './stream/jetstream.publisher.js';
import { SENDS_IN_VAIN } from './orders/orders.decision.js';
import { OrdersStore } from './orders/orders.store.js';
import type { OutboxState } from './outbox.tables.js';
import { OutboxStore } from './outbox.store.js';
import { StreamGuard } from './stream/stream.guard.js';

class NatsCheck implements ReadinessCheck {
  readonly name = 'nats';

  constructor(private readonly nats: NatsConnection) {}

  async check(): Promise<Readiness> {
    if (this.nats.isConnected()) return { ok: true };
    return { ok: false, reason: 'not connected to NATS', since: this.nats.awaySince() };
  }
}

class StreamCheck implements ReadinessCheck {
  readonly name = 'stream';

  constructor(private readonly publisher: JetStreamPublisher) {}

  async check(): Promise<Readiness> {
    const { ready, reason } = this.publisher.status();
    return ready ? { ok: true } : { ok: false, reason: reason ?? 'the stream is not ready' };
  }
}

/** Longer than a message waits for a subscriber that has only restarted. */
const ORDERS_PATIENCE_MS = 60_000;

/** The orders service's own subject: nobody is subscribed, or a stream stands in its way. */
class OrdersCheck implements ReadinessCheck {
  readonly name = 'orders';

  constructor(
    private readonly guard: StreamGuard,
    private readonly store: OutboxStore,
  ) {}

  async check(): Promise<Readiness> {
    const captured = this.guard.capturedBy();
    if (captured !== undefined) return { ok: false, reason: captured };
    const waiting = (await this.store.backlog()).find(
      ({ channel, state }) => channel === 'orders' && state === 'pending',
    );
    if (waiting === undefined || waiting.oldestAgeMs < ORDERS_PATIENCE_MS) return { ok: true };
    const reason = `${waiting.count} messages wait for the orders service`;
    return { ok: false, reason, since: new Date(Date.now() - waiting.oldestAgeMs) };
  }
}

/** A wrong setting, of which the messages that nobody confirms are the sign. */
class LookupCheck implements ReadinessCheck {
  readonly name = 'orders_lookup';

  constructor(private readonly orders: OrdersStore) {}

  async check(): Promise<Readiness> {
    return (await this.orders.isLookupMissed()) ? { ok: true, note: LOOKUP_MISSED } : { ok: true };
  }
}

const LOOKUP_MISSED =
  'messages to the orders service end unconfirmed, and it has never answered a lookup: ' +
  'set ORDERS_FIND_SUBJECT to the subject on which it does, or to none';

/** Tells whoever watches whether messages get out, and how many wait. */
@Injectable()
export class OutboxReadiness implements OnModuleInit {
  constructor(
    private readonly nats: NatsConnection,
    private readonly publisher: JetStreamPublisher,
    private readonly guard: StreamGuard,
    private readonly store: OutboxStore,
    private readonly orders: OrdersStore,
    private readonly metrics: Metrics,
    private readonly readiness: ReadinessRegistry,
  ) {}

  onModuleInit(): void {
    this.readiness.register(new NatsCheck(this.nats));
    this.readiness.register(new StreamCheck(this.publisher));
    this.readiness.register(new OrdersCheck(this.guard, this.store));
    this.readiness.register(new LookupCheck(this.orders));
    const backlog = sharedRead(() => this.store.backlog());
    const count = async (state: OutboxState) =>
      (await backlog()).reduce((sum, row) => (row.state === state ? sum + row.count : sum), 0);
    this.metrics.gaugeFrom('outbox_pending', 'Messages that were not sent yet.', () => count('pending'));
    this.metrics.gaugeFrom('outbox_dead', 'Messages that an operator has to look at.', () => count('dead'));
    this.metrics.gaugeFrom('orders_unconfirmed', 'Orders that may not know that they are paid.', () =>
      count('unconfirmed'),
    );
    this.metrics.gaugeFrom(
      'orders_sent_in_vain',
      'Orders that stay unpaid after five messages or more.',
      () => this.orders.countSentInVain(SENDS_IN_VAIN),
    );
    this.metrics.gaugeFrom(
      'orders_lookup_unanswered',
      '1 where messages end unconfirmed since no lookup was ever answered: set ORDERS_FIND_SUBJECT.',
      async () => Number(await this.orders.isLookupMissed()),
    );
    this.metrics.gaugeFrom(
      'outbox_oldest_seconds',
      'Age of the oldest message that was not sent.',
      async () => {
        const ages = (await backlog()).filter(({ state }) => state === 'pending');
        return Math.max(0, ...ages.map(({ oldestAgeMs }) => oldestAgeMs / 1000));
      },
    );
  }
}
