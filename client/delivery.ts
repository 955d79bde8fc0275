import type { JsMsg } from '@nats-io/jetstream';
import { covers } from './durable.js';
import { isEventOf, isMoneyEventType } from './event.guards.js';
import { EVENT_SUBJECT_PREFIX, type EventType } from './event.types.js';
import type { EventOf } from './events.js';

const MESSAGE_ID = 'Nats-Msg-Id';
const REDELIVERY = { firstMs: 250, maxMs: 30_000 };
/** Deliveries, ten minutes of them: events that nobody comes for must not fill the consumer up. */
const LEFT_TO_OTHERS = 26;

/** What the broker knows about one delivery. */
export interface EventContext {
  /** The same in every delivery and republication of one event: what an inbox keeps. */
  readonly eventId: string;
  /** True when an earlier delivery was not acknowledged; false does not prove that it is the first. */
  readonly redelivered: boolean;
  /** The event's position in the stream. */
  readonly seq: number;
  /** Tells the broker that work goes on: its wait for the acknowledgement starts again. */
  inProgress(): void;
}

/** What failed, for the log. */
export type DeliveryProblem =
  /** No connection, no stream, no permission: tried again. */
  | { readonly kind: 'broker' }
  /** The connection was closed for good: nothing more will be delivered. */
  | { readonly kind: 'closed' }
  /** `handle` threw: delivered again after `retryInMs`. */
  | { readonly kind: 'handler'; readonly eventId: string; readonly seq: number; readonly retryInMs: number }
  /** The durable consumer had another filter: it was made anew and delivers from `seq` on, some of it again. */
  | { readonly kind: 'filter_changed'; readonly from: string; readonly to: string; readonly seq: number }
  /** The body is not an event of the payments service: taken off the consumer, still in the stream at `seq`. */
  | { readonly kind: 'not_an_event'; readonly subject: string; readonly seq: number };

interface Receiver<Type extends EventType> {
  readonly types?: readonly Type[];
  /** The subjects that `types` need. */
  readonly filter: string;
  readonly handle: (event: EventOf<Type>, context: EventContext) => Promise<void>;
  readonly onError: (error: Error, problem: DeliveryProblem) => void;
}

/** Settles one message: acknowledged, asked for again, or taken off. Throws nothing. */
export async function deliver<Type extends EventType>(
  message: JsMsg,
  receiver: Receiver<Type>,
): Promise<void> {
  const type = message.subject.slice(EVENT_SUBJECT_PREFIX.length);
  if (!isWanted(type, receiver.types)) return leave(message, receiver.filter);

  const event = readData(message);
  if (!isEventOf(type, event)) {
    message.term();
    const problem = { kind: 'not_an_event', subject: message.subject, seq: message.seq } as const;
    return receiver.onError(new Error(`Not an event of type ${type}`), problem);
  }

  const eventId = message.headers?.get(MESSAGE_ID) || event.eventId;
  try {
    await receiver.handle(event, contextOf(message, eventId));
    message.ack();
  } catch (error) {
    const retryInMs = doubled(message.info.deliveryCount, REDELIVERY);
    message.nak(retryInMs);
    receiver.onError(asError(error), { kind: 'handler', eventId, seq: message.seq, retryInMs });
  }
}

/**
 * What our own filter brings along is nobody's. Anything else is there for an instance with other types, unless that
 * one has not come for it by now.
 */
function leave(message: JsMsg, filter: string): void {
  const { deliveryCount } = message.info;
  if (covers(filter, message.subject) || deliveryCount > LEFT_TO_OTHERS) message.ack();
  else message.nak(doubled(deliveryCount, REDELIVERY));
}

/** The wait after the n-th failure (from 1), each twice the one before. Milliseconds. */
export function doubled(failures: number, limits: { firstMs: number; maxMs: number }): number {
  return Math.min(limits.firstMs * 2 ** Math.min(failures - 1, 30), limits.maxMs);
}

/** The thrown thing as an Error, whatever was thrown. */
export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}

function contextOf(message: JsMsg, eventId: string): EventContext {
  return {
    eventId,
    redelivered: message.redelivered,
    seq: message.seq,
    inProgress: () => message.working(),
  };
}

function isWanted<Type extends EventType>(name: string, types?: readonly Type[]): name is Type {
  return types ? types.some((type) => type === name) : isMoneyEventType(name);
}

/** `data` of the Nest envelope, or undefined when the body is no such thing. */
function readData(message: JsMsg): unknown {
  try {
    const body: unknown = JSON.parse(message.string());
    return typeof body === 'object' && body !== null && 'data' in body ? body.data : undefined;
  } catch {
    return undefined;
  }
}
