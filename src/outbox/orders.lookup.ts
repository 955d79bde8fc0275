import { Injectable } from '@nestjs/common';
import { type Msg, nuid } from '@nats-io/transport-node';
import { OrdersSettings } from '../config/settings.js';
import { unlessInterrupted } from '../nats/interruption.js';
import { NatsConnection } from '../nats/nats.connection.js';
import { describeError } from '../database/sql.errors.js';

export type OrderAnswer =
  /** `order` is undefined where the orders service says that it has no such order. */
  { answered: true; order: object | undefined; reason?: string } | { answered: false; reason: string };

/** Statuses by which orders services say that an id leads to no order: not found, gone, not an id at all. */
const UNKNOWN_ORDER_STATUSES: readonly unknown[] = [400, 404, 410];

/** Asks the orders service about one order, as a Nest client does. */
@Injectable()
export class OrdersLookup {
  readonly timeoutMs: number;

  constructor(
    private readonly nats: NatsConnection,
    private readonly settings: OrdersSettings,
  ) {
    this.timeoutMs = settings.timeoutMs;
  }

  /** Never throws: no answer is an answer too. */
  async find(orderId: string): Promise<OrderAnswer> {
    const nats = this.nats.current();
    if (nats === undefined) return noAnswer('not connected to NATS');
    const pattern = this.settings.findSubject;
    const request = JSON.stringify({ pattern, data: { id: orderId }, id: nuid.next() });
    try {
      const asked = nats.request(pattern, request, { timeout: this.timeoutMs });
      return readReply(await unlessInterrupted(asked, this.nats.interrupted()));
    } catch (error) {
      return noAnswer(describeError(error));
    }
  }
}

/** `{response}` or `{err}` as Nest sends them, or the bare order as others might. */
function readReply(message: Msg): OrderAnswer {
  const reply = message.json<unknown>();
  if (!isObject(reply)) return noAnswer('the reply is not an object');
  if ('err' in reply && reply.err) return readError(reply.err);
  const isNest = 'response' in reply || 'isDisposed' in reply;
  const order = isNest ? ('response' in reply ? reply.response : null) : reply;
  if (isObject(order)) return { answered: true, order };
  return { answered: true, order: undefined, reason: 'the orders service has no such order' };
}

function readError(error: unknown): OrderAnswer {
  const reason = `the orders service answered ${JSON.stringify(error)}`;
  const status = isObject(error) && 'status' in error ? error.status : undefined;
  const isUnknownOrder = UNKNOWN_ORDER_STATUSES.includes(status) || /not.?found/i.test(reason);
  return isUnknownOrder ? { answered: true, order: undefined, reason } : { answered: false, reason };
}

function noAnswer(reason: string): OrderAnswer {
  return { answered: false, reason };
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
