import { setTimeout as delay } from 'node:timers/promises';
import type { NatsConnection } from '@nats-io/transport-node';
import type { ConsumerMessages } from '@nats-io/jetstream';
import { asError, deliver, doubled, type DeliveryProblem, type EventContext } from './delivery.js';
import { DurableConsumer, filterFor } from './durable.js';
import { type EventType, MONEY_EVENT_TYPES, type MoneyEventType } from './event.types.js';
import type { EventOf } from './events.js';

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
  /** Told of every failure and of a changed filter; the consumer goes on whatever it is, but for `closed`. */
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
 * delivered again, and events that were lost on the way and healed come late. So pair it with an inbox
 * (`oncePerEvent`): it tells by the event's id what was applied, and everything else is. `event.version` only keeps
 * a projection ("the payment's present status") from going back; never skip an effect because of it.
 *
 * A stream or broker that is missing is waited for; nothing is thrown.
 *
 * Other `types` than the durable consumer had: it is made anew from where it was, `onError` is told
 * (`filter_changed`), and some events are delivered again. While instances with the old and the new types run side
 * by side, each leaves to the other what it does not want itself, for about ten minutes.
 *
 * Needs permission to publish to `$JS.API.CONSUMER.CREATE.PAYMENTS.<durable>.>`,
 * `$JS.API.CONSUMER.INFO.PAYMENTS.<durable>`, `$JS.API.CONSUMER.DELETE.PAYMENTS.<durable>` (for other types only),
 * `$JS.API.CONSUMER.MSG.NEXT.PAYMENTS.<durable>` and `$JS.ACK.PAYMENTS.<durable>.>`, and to subscribe to its inbox.
 */
export function consumePaymentEvents<Type extends EventType = MoneyEventType>(
  options: ConsumeOptions<Type>,
): PaymentEventsConsumer {
  const stopping = new AbortController();
  const filter = filterFor(options.types ?? MONEY_EVENT_TYPES);
  const receiver = { ...options, filter, onError: neverThrowing(options.onError) };
  const { connection, durable, ackWaitMs = 30_000, maxDeliver = -1 } = options;
  const consumerAtBroker = new DurableConsumer(
    { connection, durable, filter, ackWaitMs, maxDeliver },
    (remade) =>
      receiver.onError(
        new Error(`The consumer ${durable} was made anew at ${remade.seq}: its filter was ${remade.from}`),
        { kind: 'filter_changed', ...remade },
      ),
  );
  let fetched: ConsumerMessages | undefined;
  let failures = 0;

  async function consumeUntilFailure(): Promise<void> {
    const consumer = await consumerAtBroker.open();
    while (!stopping.signal.aborted) {
      fetched = await consumer.fetch(FETCH);
      if (stopping.signal.aborted) fetched.stop();
      for await (const message of fetched) {
        if (stopping.signal.aborted) message.nak();
        else await deliver(message, receiver);
      }
      failures = 0;
      if (!stopping.signal.aborted) await consumerAtBroker.lookAgain();
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
