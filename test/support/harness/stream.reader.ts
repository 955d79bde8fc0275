import { type JetStreamManager, jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';

const STREAM = 'PAYMENTS';

/** What events carry, as far as the tests read it. */
export interface EventData {
  readonly eventId: string;
  readonly type: string;
  readonly paymentId: string;
  readonly orderId: string;
  readonly status: string;
  readonly version: number;
  readonly adopted: boolean;
  readonly [field: string]: unknown;
}

export interface StreamedEvent {
  /** `Nats-Msg-Id`. */
  readonly id: string;
  readonly subject: string;
  readonly type: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly pattern: string;
  readonly data: EventData;
}

/** Reads the stream PAYMENTS as it is stored, from the first message on. */
export class StreamReader {
  private readonly kept: StreamedEvent[] = [];
  private next = 1;

  private constructor(
    private readonly connection: NatsConnection,
    private readonly manager: JetStreamManager,
  ) {}

  static async open(natsUrl: string): Promise<StreamReader> {
    const connection = await connect({ servers: natsUrl, maxReconnectAttempts: -1, reconnectTimeWait: 100 });
    return new StreamReader(connection, await jetstreamManager(connection, { checkAPI: false }));
  }

  /** All events so far. @throws while the broker is away, or where there is no stream yet */
  async all(): Promise<readonly StreamedEvent[]> {
    const { state } = await this.manager.streams.info(STREAM);
    for (; this.next <= state.last_seq; this.next += 1) {
      const stored = await this.manager.streams.getMessage(STREAM, { seq: this.next });
      if (stored === null) continue;
      const { pattern, data } = stored.json<{ pattern: string; data: EventData }>();
      const headers = Object.fromEntries([...stored.header].map(([name, values]) => [name, values[0] ?? '']));
      const { subject } = stored;
      this.kept.push({ id: headers['Nats-Msg-Id'] ?? '', subject, type: data.type, headers, pattern, data });
    }
    return this.kept;
  }

  /** Those of one order, oldest first. */
  async of(orderId: string): Promise<readonly StreamedEvent[]> {
    return (await this.all()).filter(({ data }) => data.orderId === orderId);
  }

  async typesOf(orderId: string): Promise<string[]> {
    return (await this.of(orderId)).map(({ type }) => type);
  }

  close(): Promise<void> {
    return this.connection.close();
  }
}
