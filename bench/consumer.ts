import { type ConsumerMessages, DeliverPolicy, jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';

const STREAM = 'PAYMENTS';
const PAID = 'payments.events.payment.succeeded';
const ORDERS = 'payment.succeeded';
/** Whoever waits for an event longer than this waits for one that is lost. */
const PATIENCE_MS = 600_000;

/** Who waits for the events: a consumer of the stream, and an orders service on core NATS. */
export class Consumer {
  /** Distinct orders heard of on the stream. */
  heard = 0;
  /** Messages on core NATS. */
  told = 0;
  private readonly waiting = new Map<string, (at: number) => void>();
  private messages: ConsumerMessages | undefined;

  private constructor(private readonly nats: NatsConnection) {}

  /** The stream must be there. Hears what comes from now on. */
  static async start(natsUrl: string): Promise<Consumer> {
    const consumer = new Consumer(await connect({ servers: natsUrl }));
    await consumer.listen();
    return consumer;
  }

  /** Removes the stream of the process before. */
  static async clear(natsUrl: string): Promise<void> {
    const nats = await connect({ servers: natsUrl });
    const manager = await jetstreamManager(nats);
    await manager.streams.delete(STREAM).catch(() => undefined);
    await nats.close();
  }

  /** Resolves with the moment at which the stream told that this order is paid. Ask before you post. */
  hears(orderId: string): Promise<number> {
    return new Promise((resolve, reject) => {
      const late = setTimeout(
        () => reject(new Error(`nothing was heard of ${orderId} for ${PATIENCE_MS / 1000} s`)),
        PATIENCE_MS,
      );
      this.waiting.set(orderId, (at) => {
        clearTimeout(late);
        resolve(at);
      });
    });
  }

  async stop(): Promise<void> {
    this.messages?.stop();
    await this.nats.close();
  }

  private async listen(): Promise<void> {
    this.nats.subscribe(ORDERS, {
      callback: () => {
        this.told += 1;
      },
    });
    const consumer = await jetstream(this.nats).consumers.get(STREAM, {
      filter_subjects: PAID,
      deliver_policy: DeliverPolicy.New,
    });
    this.messages = await consumer.consume({
      max_messages: 2_000,
      callback: ({ data }) => {
        const orderId = orderIdIn(data);
        this.heard += 1;
        this.waiting.get(orderId)?.(performance.now());
        this.waiting.delete(orderId);
      },
    });
    await this.nats.flush();
  }
}

/** Cheaper than parsing the message. */
function orderIdIn(data: Uint8Array): string {
  const text = Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('latin1');
  const begin = text.indexOf('"orderId":"') + 11;
  return text.slice(begin, text.indexOf('"', begin));
}
