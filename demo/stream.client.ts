import { jetstreamManager, type JetStreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { expectThat, until } from './demo.failure.js';

const STREAM = 'PAYMENTS';
const PREFIX = 'payments.events.';

export interface StreamEvent {
  /** Its place in the stream. */
  readonly seq: number;
  readonly type: string;
  /** What the demo reads of it. Each type has more. */
  readonly data: {
    /** ISO 8601. */
    readonly occurredAt: string;
    readonly paymentId?: string;
    readonly orderId?: string | null;
    readonly subscriptionId?: string | null;
    readonly attempt?: number;
    readonly maxAttempts?: number | null;
    readonly nextAttemptAt?: string | null;
    readonly reason?: string;
  };
}

/** The stream as an operator sees it. */
export class StreamClient {
  constructor(private readonly natsUrl: string) {}

  /** How often each event type is in the stream. */
  eventCounts(): Promise<Map<string, number>> {
    return this.ask(async (manager) => {
      const { state } = await manager.streams.info(STREAM, { subjects_filter: `${PREFIX}>` });
      const counts = Object.entries(state.subjects ?? {});
      return new Map(counts.map(([subject, count]) => [subject.slice(PREFIX.length), count]));
    });
  }

  /**
   * How many events have not been sent to the consumer yet. One that a killed broker forgot was acknowledged
   * is not among them, and comes again when the wait for its acknowledgement is over.
   * @throws Error while there is no such stream or consumer
   */
  undelivered(consumer: string): Promise<number> {
    return this.ask(async (manager) => {
      const { num_pending } = await manager.consumers.info(STREAM, consumer);
      return num_pending;
    });
  }

  /** The place of the newest event. */
  end(): Promise<number> {
    return this.ask(async (manager) => (await manager.streams.info(STREAM)).state.last_seq);
  }

  /** All behind this place, oldest first. */
  eventsAfter(place: number): Promise<StreamEvent[]> {
    return this.ask(async (manager) => {
      const events: StreamEvent[] = [];
      const { state } = await manager.streams.info(STREAM);
      for (let seq = place + 1; seq <= state.last_seq; seq++) {
        const message = await manager.streams.getMessage(STREAM, { seq });
        if (message === null) continue;
        const { data } = message.json<{ data: StreamEvent['data'] }>();
        events.push({ seq, type: message.subject.slice(PREFIX.length), data });
      }
      return events;
    });
  }

  private async ask<T>(question: (manager: JetStreamManager) => Promise<T>): Promise<T> {
    const connection = await connect({ servers: this.natsUrl });
    try {
      return await question(await jetstreamManager(connection));
    } finally {
      await connection.close();
    }
  }
}

/** Hears every event of the stream once, from a moment on. */
export class StreamReader {
  private readonly heard: StreamEvent[] = [];

  private constructor(
    private readonly stream: StreamClient,
    private place: number,
  ) {}

  static async fromNowOn(stream: StreamClient): Promise<StreamReader> {
    return new StreamReader(stream, await stream.end());
  }

  /**
   * Waits for as many as there are types.
   * @param from how many were taken before
   * @throws DemoFailure unless they are of these types, in this order
   */
  async next(
    isMeant: (event: StreamEvent) => boolean,
    from: number,
    types: readonly string[],
  ): Promise<StreamEvent[]> {
    const wanted = types.join(', ');
    const events = await until({
      what: `${wanted} on JetStream`,
      read: async () => (await this.all(isMeant)).slice(from),
      holds: ({ length }) => length >= types.length,
    });
    const came = events.map(({ type }) => type).join(', ');
    expectThat(came === wanted, `JetStream holds ${came}, not ${wanted}`);
    return events;
  }

  /** All so far that are like this, oldest first. */
  private async all(isMeant: (event: StreamEvent) => boolean): Promise<StreamEvent[]> {
    for (const event of await this.stream.eventsAfter(this.place)) {
      this.heard.push(event);
      this.place = event.seq;
    }
    return this.heard.filter(isMeant);
  }
}
