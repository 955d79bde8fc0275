import { Injectable, Logger } from '@nestjs/common';
import { OrdersSettings } from '../../config/settings.js';
import { NatsConnection } from '../../nats/nats.connection.js';
import { judgeOrder, type OrderVerdict } from './order.verdict.js';
import { decideOnOrder, type OrdersDecision, SENDS_IN_VAIN } from './orders.decision.js';
import { OrdersLookup } from './orders.lookup.js';
import { OrdersStore } from './orders.store.js';
import { ordersIdOf } from './orders.wording.js';
import type { ClaimedMessage, Remark } from '../outbox.message.js';
import { OutboxStore } from '../outbox.store.js';

/** A broker that just came back may be delivering the message that we are about to ask about. */
const SETTLE_MS = 3_000;

/** What became of a clean send where nobody can be asked. */
export const NOT_CONFIRMABLE = 'not confirmable';

const SETTLING = { kind: 'settle', reason: 'waiting for the broker to settle' } as const;

type Unasked = Extract<OrdersDecision, { kind: 'done' | 'unconfirmed' | 'bury' }> | typeof SETTLING;
type Decided = (OrdersDecision | typeof SETTLING) & { message: ClaimedMessage };

/** Asks what became of a message that went out, and does what the answer decides. */
@Injectable()
export class OrdersFollowUp {
  private readonly logger = new Logger('OrdersBridge');
  readonly timeoutMs: number;
  /** Lookups are answered for ever once they were. */
  private isAnswered = false;
  private isAlertLogged = false;

  constructor(
    private readonly nats: NatsConnection,
    private readonly lookup: OrdersLookup,
    private readonly outbox: OutboxStore,
    private readonly store: OrdersStore,
    private readonly settings: OrdersSettings,
  ) {
    this.timeoutMs = lookup.timeoutMs;
  }

  /** False where ORDERS_FIND_SUBJECT says that nobody answers. */
  get canAsk(): boolean {
    return this.settings.findSubject !== undefined;
  }

  /** Asks about all of them at once, and marks those with the same end in one statement. */
  async ask(messages: readonly ClaimedMessage[]): Promise<void> {
    if (messages.length === 0) return;
    const looks = await Promise.all(messages.map((message) => this.lookAt(message)));
    if (looks.some(isVerdict)) this.isAnswered ||= await this.store.isLookupAnswered();
    const decided = messages.map((message, index) => {
      const look = looks[index] ?? SETTLING;
      return { message, ...(isVerdict(look) ? decideOnOrder(message, look, this.isAnswered) : look) };
    });
    await this.carryOut(decided);
  }

  /** What the order says; or what is to be done without asking. */
  private async lookAt(message: ClaimedMessage): Promise<OrderVerdict | Unasked> {
    if (message.inFlight && this.nats.connectedFor() < SETTLE_MS) return SETTLING;
    const orderId = ordersIdOf(message, this.settings);
    if (orderId === null) return { kind: 'bury', reason: 'it names no order' };
    if (this.canAsk) return judgeOrder(await this.lookup.find(orderId));
    // Nobody answers for orders here: what went out to a subscriber is done, and what is in doubt stays so.
    if (!message.inFlight) return { kind: 'done' };
    const reason = 'ORDERS_FIND_SUBJECT=none: nobody can be asked';
    return { kind: 'unconfirmed', reason, standing: false };
  }

  private async carryOut(decided: readonly Decided[]): Promise<void> {
    const are = <Kind extends Decided['kind']>(kind: Kind) =>
      decided.filter((one): one is Extract<Decided, { kind: Kind }> => one.kind === kind);
    const [resent, unconfirmed, buried] = await Promise.all([
      this.store.markForResend(are('resend').map((one) => remarkOn(one.message, 'the order is not paid'))),
      this.store.markUnconfirmed(are('unconfirmed').map((one) => remarkOn(one.message, one.reason))),
      this.outbox.markDead(are('bury').map((one) => remarkOn(one.message, one.reason))),
      this.store.markDone(
        are('done').map((one) => one.message),
        this.canAsk ? null : NOT_CONFIRMABLE,
      ),
      this.store.markAsked(
        are('look').map((one) => ({ ...one, ...remarkOn(one.message, one.reason), delayMs: one.afterMs })),
      ),
      this.store.markDoubtful(
        are('settle').map((one) => ({ ...remarkOn(one.message, one.reason), delayMs: SETTLE_MS })),
      ),
    ]);
    for (const one of are('resend')) if (resent.has(one.message.id)) this.tellInVain(one);
    for (const one of are('unconfirmed')) if (unconfirmed.has(one.message.id)) this.tellUnconfirmed(one);
    for (const { message, reason } of are('bury')) {
      if (!buried.has(message.id)) continue;
      this.logger.error(`message ${message.id} for order ${message.orderId} is a dead letter: ${reason}`);
    }
  }

  private tellInVain({ message, sends }: Extract<Decided, { kind: 'resend' }>): void {
    if (sends !== SENDS_IN_VAIN) return;
    this.logger.error(
      `order ${message.orderId} is not paid after ${sends} messages (message ${message.id}); ` +
        'it is sent again, ever less often, for seven days',
    );
  }

  private tellUnconfirmed({ message, reason, standing }: Extract<Decided, { kind: 'unconfirmed' }>): void {
    if (standing) return this.alertOnce();
    this.logger.error(
      `nobody can say whether order ${message.orderId} was told of its payment (message ${message.id}): ${reason}; ` +
        'it is not sent again unless an operator republishes it',
    );
  }

  /** The gauge orders_lookup_unanswered stands; one line says what it means. */
  private alertOnce(): void {
    if (this.isAlertLogged) return;
    this.isAlertLogged = true;
    this.logger.error(
      `no lookup of an order was ever answered on ${this.settings.findSubject}: set ORDERS_FIND_SUBJECT to the ` +
        'subject that the orders service answers, or to none where it answers nothing; ' +
        'until then messages to it end as unconfirmed after a day',
    );
  }
}

function isVerdict(look: OrderVerdict | Unasked): look is OrderVerdict {
  return (
    look.kind === 'paid' ||
    look.kind === 'unpaid' ||
    look.kind === 'unknown_order' ||
    look.kind === 'unanswered'
  );
}

function remarkOn({ id, attempts }: ClaimedMessage, reason: string): Remark {
  return { id, attempts, reason };
}
