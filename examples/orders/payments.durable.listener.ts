import { setTimeout as delay } from 'node:timers/promises';
import {
  Inject,
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import {
  consumePaymentEvents,
  sqlInbox,
  type EventContext,
  type EventInbox,
  type EventOf,
  type PaymentEventsConsumer,
} from 'payments-client';
import { ORDERS_SETTINGS, type OrdersSettings } from './orders.settings.js';
import { OrdersStore, type Transaction } from './orders.store.js';

const TYPES = ['payment.succeeded', 'payment.failed', 'payment.expired', 'refund.succeeded'] as const;
const CONNECT_WITHIN_MS = 5_000;
const BETWEEN_CONNECTIONS_MS = 500;

type HeardEvent = EventOf<(typeof TYPES)[number]>;

/**
 * The listener to rely on: JetStream keeps every event until this one has acknowledged it, and the inbox makes
 * a second delivery harmless. What arrives while this process is down is delivered when it is back.
 */
type OrderEvent = HeardEvent & { readonly orderId: string };

/** A subscription's cycles, and charges of no order, come on the same stream. */
function isOfAnOrder(event: HeardEvent): event is OrderEvent {
  return event.orderId !== null;
}

@Injectable()
export class DurablePaymentsListener implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger('DurablePayments');
  private readonly stopping = new AbortController();
  private readonly inbox: EventInbox<Transaction>;
  private started: Promise<void> | undefined;
  private connection: NatsConnection | undefined;
  private consumer: PaymentEventsConsumer | undefined;

  constructor(
    @Inject(ORDERS_SETTINGS) private readonly settings: OrdersSettings,
    private readonly store: OrdersStore,
  ) {
    this.inbox = sqlInbox(store.transaction);
  }

  /** Not awaited: the service starts without the broker too. */
  onApplicationBootstrap(): void {
    this.started = this.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    await this.started;
    await this.consumer?.stop();
    await this.connection?.close();
  }

  private async start(): Promise<void> {
    this.connection = await this.connectForEver();
    if (!this.connection) return;
    this.consumer = consumePaymentEvents({
      connection: this.connection,
      durable: 'orders',
      types: TYPES,
      handle: (event, context) => this.handle(event, context),
      onError: (error, problem) => this.logger.warn(`${problem.kind}: ${error.message}`),
    });
  }

  private async handle(event: HeardEvent, { eventId }: EventContext): Promise<void> {
    if (!isOfAnOrder(event)) return;
    const ours = await this.store.count('durable_events', event.orderId);
    if (!ours) return this.logger.warn(`${event.type} for an order that is not ours: ${event.orderId}`);
    const result = await this.inbox.run(eventId, (tx) => this.apply(tx, event, eventId));
    if (result === 'duplicate') await this.store.count('duplicates_ignored', event.orderId);
  }

  /**
   * In the transaction that holds the event's id. What an event does is done however late it comes; only the
   * payment's last status goes by the version.
   */
  private async apply(tx: Transaction, event: OrderEvent, eventId: string): Promise<void> {
    await this.store.recordPayment(tx, event);
    if (event.type === 'refund.succeeded') await this.store.addRefund(tx, event.orderId, event.refund);
    if (event.type !== 'payment.succeeded') return;
    await this.store.recordPaidByEvent(tx, event.orderId, eventId);
    if (event.receiptUrl) await this.store.keepReceipt(tx, event.orderId, event.receiptUrl);
    // With both listeners at work marking the order paid is left to the course's, so that both can be watched.
    if (this.settings.listener === 'durable') {
      await this.store.markPaid(tx, event.orderId, event.providerIds.charge ?? null);
    }
  }

  /** Our own loop, since `waitOnFirstConnect` could not be ended before the broker is there. */
  private async connectForEver(): Promise<NatsConnection | undefined> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      try {
        return await connect({ ...this.settings.nats, maxReconnectAttempts: -1, timeout: CONNECT_WITHIN_MS });
      } catch {
        await delay(BETWEEN_CONNECTIONS_MS, undefined, { signal }).catch(() => undefined);
      }
    }
    return undefined;
  }
}
