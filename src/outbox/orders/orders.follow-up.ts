import { Injectable, Logger } from '@nestjs/common';
import { OrdersSettings } from '../../config/settings.js';
import { NatsConnection } from '../../nats/nats.connection.js';
import { judgeOrder } from './order.verdict.js';
import { decideOnOrder, type OrdersDecision, SENDS_IN_VAIN } from './orders.decision.js';
import { OrdersLookup } from './orders.lookup.js';
import { OrdersStore } from './orders.store.js';
import { ordersIdOf } from './orders.wording.js';
import type { ClaimedMessage } from '../outbox.message.js';
import { OutboxStore } from '../outbox.store.js';

/** A broker that just came back may be delivering the message that we are about to ask about. */
const SETTLE_MS = 3_000;

/** What became of a clean send where nobody can be asked. */
export const NOT_CONFIRMABLE = 'not confirmable';

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

  async ask(message: ClaimedMessage): Promise<void> {
    if (message.inFlight && this.nats.connectedFor() < SETTLE_MS) {
      await this.store.markDoubtful(message, SETTLE_MS, 'waiting for the broker to settle');
      return;
    }
    const orderId = ordersIdOf(message, this.settings);
    if (orderId === null) return this.bury(message, 'it names no order');
    if (!this.canAsk) return this.settleUnasked(message);
    const verdict = judgeOrder(await this.lookup.find(orderId));
    this.isAnswered ||= await this.store.isLookupAnswered();
    await this.carryOut(message, decideOnOrder(message, verdict, this.isAnswered));
  }

  private async carryOut(message: ClaimedMessage, decision: OrdersDecision): Promise<void> {
    switch (decision.kind) {
      case 'done':
        await this.store.markDone(message);
        return;
      case 'resend':
        return this.resend(message, decision.sends);
      case 'look':
        await this.store.markAsked(message, decision);
        return;
      case 'unconfirmed':
        return this.giveUp(message, decision.reason, decision.standing);
      case 'bury':
        return this.bury(message, decision.reason);
    }
  }

  private async resend(message: ClaimedMessage, sends: number): Promise<void> {
    if (!(await this.store.markForResend(message, 'the order is not paid'))) return;
    if (sends !== SENDS_IN_VAIN) return;
    this.logger.error(
      `order ${message.orderId} is not paid after ${sends} messages (message ${message.id}); ` +
        'it is sent again, ever less often, for seven days',
    );
  }

  /** Nobody answers for orders here: what went out to a subscriber is done, and what is in doubt stays so. */
  private async settleUnasked(message: ClaimedMessage): Promise<void> {
    if (!message.inFlight) await this.store.markDone(message, NOT_CONFIRMABLE);
    else await this.giveUp(message, 'ORDERS_FIND_SUBJECT=none: nobody can be asked', false);
  }

  private async giveUp(message: ClaimedMessage, reason: string, standing: boolean): Promise<void> {
    if (!(await this.store.markUnconfirmed(message, reason))) return;
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

  private async bury(message: ClaimedMessage, reason: string): Promise<void> {
    if (!(await this.outbox.markDead(message, reason))) return;
    this.logger.error(`message ${message.id} for order ${message.orderId} is a dead letter: ${reason}`);
  }
}
