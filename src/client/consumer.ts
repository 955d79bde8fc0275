import { setTimeout as delay } from 'node:timers/promises';
import type { NatsConnection } from '@nats-io/transport-node';
import { AckPolicy, jetstreamManager, type Consumer, type ConsumerMessages } from '@nats-io/jetstream';
import { asError, deliver, doubled, type DeliveryProblem, type EventContext } from './delivery.js';
import { EVENT_SUBJECT_PREFIX, MONEY_EVENT_TYPES, PAYMENTS_STREAM, subjectOf } from './event.types.js';
import type { EventType, MoneyEventType } from './event.types.js';
import type { EventOf } from './events.js';

const NANOSECONDS_PER_MS = 1_000_000;
const RECONNECTION = { firstMs: 250, maxMs: 5_000 };

/** Fetched together and handled one after the other, so they share one `ackWaitMs`: keep it small. */
const FETCH = { max_messages: 5, expires: 5_000 };
const FLUSH_WITHIN_MS = 2_000;

export interface ConsumeOptions<Type extends EventType> {
  /** Yours: open it with `maxReconnectAttempts: -1`; `stop()` leaves it open. */
  readonly connection: NatsConnection;
  /** The name under which the broker remembers how far you are; instances that share it share the work. */
  readonly durable: string;
  /** Default: every payment, refund and dispute event; those of subscriptions and customers by name. */
  readonly types?: readonly Type[];
  /** The event is acknowledged after this resolves, and delivered again when it throws. */
  readonly handle: (event: EventOf<Type>, context: EventContext) => Promise<void>;
  /** Told of every failure; the consumer goes on whatever the failure is, but for `closed`. */
  readonly onError?: (error: Error, problem: DeliveryProblem) => void;
  /** How long the broker waits for an acknowledgement before it delivers again. Milliseconds, default 30,000. */
  readonly ackWaitMs?: number;
  /** Deliveries of one event before the broker gives it up. Default: no limit. */
  readonly maxDeliver?: number;
}

export interface PaymentEventsConsumer {
  /** Lets the event at hand finish, gives back those that were fetched with it, and ends. */
  stop(): Promise<void>;
}

/**
 * Delivers the payments service's events at least once, across restarts of the broker, of this process and of
 * the payments service. Starts at the oldest event of the stream; the order is the stream's until one is
 * delivered again. So pair it with an inbox (`oncePerEvent`), and drop what is older by `event.version`.
 *
 * A stream or broker that is missing is waited for; nothing is thrown.
 *
 * Needs permission to publish to `$JS.API.CONSUMER.CREATE.PAYMENTS.<durable>.>`,
 * `$JS.API.CONSUMER.INFO.PAYMENTS.<durable>`, `$JS.API.CONSUMER.MSG.NEXT.PAYMENTS.<durable>` and
 * `$JS.ACK.PAYMENTS.<durable>.>`, and to subscribe to its inbox.
 */
export function consumePaymentEvents<Type extends EventType = MoneyEventType>(
  options: ConsumeOptions<Type>,
): PaymentEventsConsumer {
  const stopping = new AbortController();
  const receiver = { ...options, onError: neverThrowing(options.onError) };
  let fetched: ConsumerMessages | undefined;
  let failures = 0;

  async function consumeUntilFailure(): Promise<void> {
    const consumer = await findOrCreate(options);
    while (!stopping.signal.aborted) {
      fetched = await consumer.fetch(FETCH);
      if (stopping.signal.aborted) fetched.stop();
      for await (const message of fetched) {
        if (stopping.signal.aborted) message.nak();
        else await deliver(message, receiver);
      }
      failures = 0;
    }
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        await consumeUntilFailure();
      } catch (error) {
        if (stopping.signal.aborted) return;
        const closed = options.connection.isClosed();
        receiver.onError(asError(error), { kind: closed ? 'closed' : 'broker' });
        if (closed) return;
        failures += 1;
        await delay(doubled(failures, RECONNECTION), undefined, { signal: stopping.signal }).catch(
          () => undefined,
        );
      }
    }
  }

  const ended = run();
  return {
    async stop() {
      stopping.abort();
      fetched?.stop();
      await ended;
      await seeOut(options.connection);
    },
  };
}

async function findOrCreate<Type extends EventType>(options: ConsumeOptions<Type>): Promise<Consumer> {
  // checkAPI would ask for account information, which a tightly permitted user may not read.
  const manager = await jetstreamManager(options.connection, { checkAPI: false });
  await manager.consumers.add(PAYMENTS_STREAM, {
    durable_name: options.durable,
    ack_policy: AckPolicy.Explicit,
    ack_wait: (options.ackWaitMs ?? 30_000) * NANOSECONDS_PER_MS,
    max_deliver: options.maxDeliver ?? -1,
    filter_subject: filterFor(options.types ?? MONEY_EVENT_TYPES),
  });
  return manager.jetstream().consumers.get(PAYMENTS_STREAM, options.durable);
}

/**
 * The narrowest single subject that covers the types: brokers before 2.10 take only one. What it covers beyond
 * them is acknowledged unread.
 */
export function filterFor(types: readonly EventType[]): string {
  const [first] = types;
  if (first !== undefined && types.every((type) => type === first)) return subjectOf(first);
  const families = new Set(types.map((type) => type.split('.')[0]));
  return families.size === 1 ? `${EVENT_SUBJECT_PREFIX}${[...families][0]}.*` : `${EVENT_SUBJECT_PREFIX}>`;
}

/** Acknowledgements are sent without waiting: let them leave before the caller closes the connection. */
async function seeOut(connection: NatsConnection): Promise<void> {
  if (connection.isClosed()) return;
  const sent = connection.flush().catch(() => undefined);
  // While the broker is away a flush would wait until it is back.
  await Promise.race([sent, delay(FLUSH_WITHIN_MS, undefined, { ref: false })]);
}

/** A report that fails must not end the consumer. */
function neverThrowing(
  onError: ((error: Error, problem: DeliveryProblem) => void) | undefined,
): (error: Error, problem: DeliveryProblem) => void {
  return (error, problem) => {
    try {
      onError?.(error, problem);
    } catch (failure) {
      process.emitWarning(`onError failed: ${asError(failure).message}`);
    }
  };
}
