import { Injectable } from '@nestjs/common';
import type { Tx } from '../../database/database.js';
import { type Caller, PUBLIC_CALLER } from '../../http/access/caller.js';
import { IdempotencyService } from '../../http/idempotency/idempotency.service.js';
import { Clock } from '../../kernel/clock.js';
import { Ids } from '../../kernel/ids.js';
import type { ExcessDecimals } from '../../kernel/money.js';
import { webAddress } from '../../kernel/web.address.js';
import { assertDone } from '../../operations/operation.executor.js';
import type { Operation } from '../../operations/operation.store.js';
import type { Next } from '../../operations/operation.turn.js';
import type { SessionAdjustment } from '../../providers/payment.ports.js';
import type { OrderSlot, PaymentRow, StoredAdjustment } from '../payment/payment.tables.js';
import { PaymentsService } from '../payment/payments.service.js';
import { customerIsPaying, LiveAttempts } from './live.attempt.js';
import { OrderTurn, type OrderTurnSteps } from './order.turn.js';
import { contentHash, isSamePurchase, type SessionCommand } from './session.command.js';
import type { CreateSessionDto, SessionAnswer } from './session.dto.js';
import { SessionReader } from './session.reader.js';

/** A session this close to its end is not handed out again. */
const LEAST_REMAINING_MS = 60_000;

/** Opens checkout sessions: one live attempt an order, whatever is asked at the same time, and however often. */
@Injectable()
export class SessionService {
  /** What is being opened in this process, by what was asked for and by whom. */
  private readonly opening = new Map<string, Promise<PaymentRow>>();

  constructor(
    private readonly idempotency: IdempotencyService,
    private readonly reader: SessionReader,
    private readonly turn: OrderTurn,
    private readonly attempts: LiveAttempts,
    private readonly payments: PaymentsService,
    private readonly ids: Ids,
    private readonly clock: Clock,
  ) {}

  /**
   * The same answer for the same Idempotency-Key; without one, as `create`.
   * @returns a SessionAnswer, as it was stored under the key.
   */
  async createOnce(dto: CreateSessionDto, caller: Caller, key: string | undefined): Promise<unknown> {
    // Browsers share a group, and need not know each other's keys.
    const group = caller.public ? `${caller.group}/${dto.orderId}` : caller.group;
    const asked = { caller: group, key, operation: 'create-session', request: dto };
    return this.idempotency.make(asked, () => this.create(dto, caller, 'refuse'));
  }

  async create(dto: CreateSessionDto, caller: Caller, excess: ExcessDecimals): Promise<SessionAnswer> {
    const command = await this.reader.read(dto, caller, excess);
    return answerOf(await this.open(command, caller), dto.orderId);
  }

  /**
   * The open session of this order with this content: a new one, or the one that is there already.
   * A caller without a key gets the order's open session, whoever opened it.
   * @throws ServiceError order_not_yours, order_already_paid, order_payment_pending, unknown_outcome (with
   * `details.paymentId`), operation_in_doubt, provider_rejected, provider_unavailable, what the provider cannot do by name.
   */
  open(command: SessionCommand, caller: Caller): Promise<PaymentRow> {
    // A hot order is decided once for all who ask for the same at the same time.
    const same = [command.orderId, caller.group, caller.roles.join(), contentHash(command)].join(' ');
    const before = this.opening.get(same);
    if (before !== undefined) return before;
    const opening = this.takeTurn(command, caller).finally(() => this.opening.delete(same));
    this.opening.set(same, opening);
    return opening;
  }

  private takeTurn(command: SessionCommand, caller: Caller): Promise<PaymentRow> {
    const steps: OrderTurnSteps<PaymentRow> = {
      decide: (tx) => this.decide(tx, command, caller),
      answer: async ({ subjectId: paymentId }, settlement) => {
        assertDone(settlement, { paymentId });
        const payment = await this.payments.find(paymentId);
        // It may even be paid by now; or closed, before it was opened.
        return payment !== undefined && payment.checkoutUrl !== null ? payment : undefined;
      },
    };
    return this.turn.take(command.orderId, steps, caller);
  }

  private async decide(tx: Tx, command: SessionCommand, caller: Caller): Promise<Next<PaymentRow>> {
    const slot = await this.attempts.lockSlot(tx, command.orderId);
    const live = await this.attempts.lock(tx, slot, caller);
    if (live === undefined)
      return { kind: 'call', operations: [await this.begin(tx, slot, command, caller)] };
    const underWay = await this.attempts.underWay(tx, live);
    if (underWay !== undefined) return underWay;
    if (this.serves(live, command, caller)) return { kind: 'settled', value: live };
    // A browser proves nothing but that it knows the order's id: it closes only what a browser opened.
    if (caller.public && live.caller !== PUBLIC_CALLER.group) throw customerIsPaying(live);
    return { kind: 'call', operations: [await this.attempts.close(tx, live)] };
  }

  private async begin(tx: Tx, slot: OrderSlot, command: SessionCommand, caller: Caller): Promise<Operation> {
    const id = this.ids.next();
    const { provider, request, successUrl, cancelUrl } = await this.reader.requestFor(command, id);
    const kept = {
      customerId: command.ourCustomerId ?? null,
      ui: command.ui,
      adjustments: storedAdjustments(command),
      contentHash: contentHash(command),
      successUrl,
      cancelUrl,
    };
    const call = { kind: 'create_session', request } as const;
    return this.attempts.begin(tx, slot, { id, provider, purchase: command, kept, call }, caller);
  }

  /** A browser names the order alone: whatever else its session was opened with stands. */
  private serves(live: PaymentRow, command: SessionCommand, caller: Caller): boolean {
    const same = caller.public ? isSamePurchase(live, command) : live.contentHash === contentHash(command);
    if (!same || webAddress(live.checkoutUrl) === undefined) return false;
    const remaining = (live.expiresAt?.getTime() ?? Infinity) - this.clock.now().getTime();
    return remaining > LEAST_REMAINING_MS;
  }
}

function storedAdjustments({ taxes, shipping, discounts }: SessionCommand): StoredAdjustment[] {
  const stored = (kind: StoredAdjustment['kind'], lines: readonly SessionAdjustment[]): StoredAdjustment[] =>
    lines.map(({ name, amount }) => ({ kind, name, amount: amount.toString() }));
  return [...stored('tax', taxes), ...stored('shipping', shipping), ...stored('discount', discounts)];
}

function answerOf(payment: PaymentRow, orderId: string | number): SessionAnswer {
  const url = payment.checkoutUrl ?? '';
  const successUrl = payment.successUrl ?? '';
  const cancelUrl = payment.cancelUrl ?? '';
  return {
    paymentId: payment.id,
    orderId,
    provider: payment.provider,
    status: payment.status,
    url,
    successUrl,
    cancelUrl,
    sessionUrl: url,
    success_url: successUrl,
    cancel_url: cancelUrl,
    expiresAt: payment.expiresAt?.toISOString() ?? null,
    ...payment.embed,
  };
}
