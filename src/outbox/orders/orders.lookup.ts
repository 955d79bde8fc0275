import { Injectable, Logger } from '@nestjs/common';
import { type Msg, nuid, RequestError, TimeoutError } from '@nats-io/transport-node';
import { OrdersSettings } from '../../config/settings.js';
import { wireOrderId } from '../../kernel/order.id.js';
import { NatsConnection, unlessInterrupted } from '../../nats/nats.connection.js';
import { describeError } from '../../kernel/errors.js';
import { patternOf } from './orders.wording.js';
import { OrdersStore } from './orders.store.js';

/** Why there is no answer: nobody is there, somebody is and says nothing, or what is said tells nothing. */
export type NoAnswer = 'away' | 'silent' | 'fault';

export type OrderAnswer =
  /** `order` is undefined where the orders service says that it has no such order. */
  | { answered: true; order: object | undefined; reason?: string }
  | { answered: false; why: NoAnswer; reason: string };

/** Statuses by which orders services say that an id leads to no order: not found, gone. */
const UNKNOWN_ORDER_STATUSES: readonly unknown[] = [404, 410, '404', '410'];

/** Asks the orders service about one order, as a Nest client does. */
@Injectable()
export class OrdersLookup {
  private readonly logger = new Logger('OrdersLookup');
  /** Most services take `{id}`, some the id alone: what got an order last is tried first. */
  private takesBareId = false;
  private isNoted = false;

  constructor(
    private readonly nats: NatsConnection,
    private readonly settings: OrdersSettings,
    private readonly store: OrdersStore,
  ) {}

  /** The longest that `find` takes. */
  get timeoutMs(): number {
    return 2 * this.settings.timeoutMs;
  }

  /** Never throws: no answer is an answer too. */
  async find(orderId: string | number): Promise<OrderAnswer> {
    const { findSubject, idType } = this.settings;
    if (findSubject === undefined) return noAnswer('away', 'ORDERS_FIND_SUBJECT=none: nobody can be asked');
    const id = typeof orderId === 'string' ? wireOrderId(orderId, idType) : orderId;
    const answer = await this.askInBothForms(findSubject, id);
    if (answer.answered) await this.noteAnswered();
    return answer;
  }

  private async askInBothForms(subject: string, id: string | number): Promise<OrderAnswer> {
    const first = await this.ask(subject, id, this.takesBareId);
    const isSettled = first.answered ? first.order !== undefined : first.why !== 'fault';
    if (isSettled) return first;
    const second = await this.ask(subject, id, !this.takesBareId);
    // A service that finds no id in what it got may answer with any order.
    if (!second.answered || second.order === undefined || !isOrder(second.order, id)) return first;
    this.takesBareId = !this.takesBareId;
    return second;
  }

  private async ask(subject: string, id: string | number, bare: boolean): Promise<OrderAnswer> {
    const nats = this.nats.current();
    if (nats === undefined) return noAnswer('away', 'not connected to NATS');
    const packet = { pattern: patternOf(subject), data: bare ? id : { id }, id: nuid.next() };
    try {
      const asked = nats.request(subject, JSON.stringify(packet), { timeout: this.settings.timeoutMs });
      return readReply(await unlessInterrupted(asked, this.nats.interrupted()));
    } catch (error) {
      return noAnswer(this.nats.isConnected() ? reasonOf(error) : 'away', describeError(error));
    }
  }

  /** That lookups work here is kept: without them, silence would mean nothing. */
  private async noteAnswered(): Promise<void> {
    if (this.isNoted) return;
    try {
      const reopened = await this.store.noteLookupAnswered();
      this.isNoted = true;
      if (reopened > 0) this.logger.log(`lookups are answered: ${reopened} messages are asked about again`);
    } catch (error) {
      this.logger.warn(`could not note that lookups are answered: ${describeError(error)}`);
    }
  }
}

function reasonOf(error: unknown): NoAnswer {
  if (error instanceof RequestError && error.isNoResponders()) return 'away';
  return error instanceof TimeoutError ? 'silent' : 'fault';
}

/** `{response}` or `{err}` as Nest sends them, or the bare order as others might. */
function readReply(message: Msg): OrderAnswer {
  const reply = message.json<unknown>();
  if (reply === null) return NO_SUCH_ORDER;
  if (!isObject(reply)) return noAnswer('fault', 'the reply is not an object');
  if ('err' in reply && reply.err) return readError(reply.err);
  const isNest = 'response' in reply || 'isDisposed' in reply;
  const order = isNest ? ('response' in reply ? reply.response : null) : reply;
  if (isObject(order)) return { answered: true, order };
  if (order === null || order === undefined) return NO_SUCH_ORDER;
  return noAnswer('fault', 'the answer is not an order');
}

const NO_SUCH_ORDER: OrderAnswer = {
  answered: true,
  order: undefined,
  reason: 'the orders service has no such order',
};

/** Only a status says that there is no such order: texts and other statuses also come of a database that is away. */
function readError(error: unknown): OrderAnswer {
  const reason = `the orders service answered ${JSON.stringify(error)}`;
  const status = isObject(error) ? ('status' in error ? error.status : undefined) : undefined;
  const code = isObject(error) && 'statusCode' in error ? error.statusCode : undefined;
  const isUnknownOrder = UNKNOWN_ORDER_STATUSES.includes(status ?? code);
  return isUnknownOrder ? { answered: true, order: undefined, reason } : noAnswer('fault', reason);
}

function isOrder(order: object, id: string | number): boolean {
  const own = 'id' in order ? order.id : '_id' in order ? order._id : undefined;
  return (typeof own === 'string' || typeof own === 'number') && String(own) === String(id);
}

function noAnswer(why: NoAnswer, reason: string): OrderAnswer {
  return { answered: false, why, reason };
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
