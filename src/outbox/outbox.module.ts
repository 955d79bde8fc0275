import { Module, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { NatsConnection } from '../nats/nats.connection.js';
import { NatsModule } from '../nats/nats.module.js';
import { JetStreamPublisher } from './stream/jetstream.publisher.js';
import { OrdersBridge } from './orders/orders.bridge.js';
import { OrdersFollowUp } from './orders/orders.follow-up.js';
import { OrdersLookup } from './orders/orders.lookup.js';
import { OrdersSender } from './orders/orders.sender.js';
import { OrdersStore } from './orders/orders.store.js';
import { OutboxHttpController } from './outbox.http.controller.js';
import { OutboxReadiness } from './outbox.readiness.js';
import { OutboxRelay } from './stream/outbox.relay.js';
import { OutboxSignal } from './outbox.signal.js';
import { OutboxStore } from './outbox.store.js';
import { StreamGuard } from './stream/stream.guard.js';

/** Needs `Database` from a global module. Publishes from the application's start to its shutdown. */
@Module({
  imports: [NatsModule],
  controllers: [OutboxHttpController],
  providers: [
    OutboxReadiness,
    OutboxStore,
    OutboxSignal,
    OrdersStore,
    StreamGuard,
    JetStreamPublisher,
    OutboxRelay,
    OrdersLookup,
    OrdersSender,
    OrdersFollowUp,
    OrdersBridge,
  ],
  exports: [
    NatsModule,
    OutboxStore,
    OutboxSignal,
    OutboxRelay,
    OrdersBridge,
    OrdersLookup,
    JetStreamPublisher,
  ],
})
export class OutboxModule implements OnApplicationBootstrap, OnApplicationShutdown {
  constructor(
    private readonly nats: NatsConnection,
    private readonly guard: StreamGuard,
    private readonly relay: OutboxRelay,
    private readonly bridge: OrdersBridge,
    private readonly signal: OutboxSignal,
  ) {}

  onApplicationBootstrap(): void {
    this.guard.start();
    this.relay.start();
    this.bridge.start();
    this.nats.onConnected(() => this.bridge.wake());
    this.signal.onWake(() => {
      this.relay.wake();
      this.bridge.wake();
    });
  }

  /** Lets the batches under way finish; what is left in the outbox is the next process's. */
  async onApplicationShutdown(): Promise<void> {
    await Promise.all([this.guard.stop(), this.relay.stop(), this.bridge.stop()]);
  }
}
