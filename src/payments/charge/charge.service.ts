import { Injectable } from '@nestjs/common';
import { ServiceSettings } from '../../config/settings.js';
import type { Tx } from '../../database/database.js';
import type { Caller } from '../../http/access/caller.js';
import { requireIdempotencyKey, IdempotencyService } from '../../http/idempotency/idempotency.service.js';
import { ServiceError } from '../../kernel/errors.js';
import { Ids } from '../../kernel/ids.js';
import type { ExcessDecimals } from '../../kernel/money.js';
import { assertDone, type Settlement } from '../../operations/operation.executor.js';
import type { Next } from '../../operations/operation.turn.js';
import { LiveAttempts, type NewAttempt } from '../session/live.attempt.js';
import { slotOf } from '../payment/payment.js';
import type { PaymentRow } from '../payment/payment.tables.js';
import { PaymentsService } from '../payment/payments.service.js';
import { OrderTurn } from '../session/order.turn.js';
import { chargeAnswer, type ChargeDto } from './charge.dto.js';
import { type ChargeCommand, ChargeReader } from './charge.reader.js';

/** Charges cards without a checkout page: one call to the provider for each payment, whatever happens to us. */
@Injectable()
export class ChargeService {
  constructor(
    private readonly idempotency: IdempotencyService,
    private readonly reader: ChargeReader,
    private readonly turn: OrderTurn,
    private readonly attempts: LiveAttempts,
    private readonly payments: PaymentsService,
    private readonly ids: Ids,
    private readonly service: ServiceSettings,
  ) {}

  /**
   * One key, one charge.
   * @returns a ChargeAnswer, as it was stored under the key.
   * @throws ServiceError idempotency_key_required, and as `charge`.
   */
  async chargeOnce(
    dto: ChargeDto,
    caller: Caller,
    key: string | undefined,
    excess: ExcessDecimals,
  ): Promise<unknown> {
    const required = requireIdempotencyKey(key);
    const asked = { caller: caller.group, key: required, operation: 'charge', request: dto };
    return this.idempotency.make(asked, async (resource) => {
      const paymentId = resource.id ?? this.ids.next();
      // Before anything is recorded, so that a repeat after a crash finds what was.
      if (resource.id === undefined) await resource.remember(paymentId);
      const payment = await this.charge(paymentId, () => this.reader.read(dto, caller, excess), caller);
      return chargeAnswer(payment, this.service.publicUrl);
    });
  }

  /**
   * The payment as the provider's answer left it; a decline is one. One that was begun under this id is sent if it never
   * was, else told as it stands.
   * @param read what is to be charged; not called for what was begun.
   * @throws ServiceError order_not_yours, order_already_paid, order_payment_pending, unknown_outcome, operation_in_doubt,
   * and why the provider charged nothing (card_unusable, provider_rejected, …), each with `details.paymentId`.
   */
  async charge(id: string, read: () => Promise<ChargeCommand>, caller: Caller): Promise<PaymentRow> {
    const begun = await this.payments.find(id);
    const attempt = begun === undefined ? this.reader.attempt(await read(), id) : undefined;
    const orderId = begun?.orderId ?? attempt?.purchase.orderId ?? null;
    const steps = {
      decide: (tx: Tx) => this.decide(tx, { id, orderId, attempt }, caller),
      answer: (_operation: unknown, settlement: Settlement) => this.answer(id, settlement),
    };
    return this.turn.take(slotOf({ id, orderId }), steps, caller);
  }

  private async decide(
    tx: Tx,
    { id, orderId, attempt }: { id: string; orderId: string | null; attempt: NewAttempt | undefined },
    caller: Caller,
  ): Promise<Next<PaymentRow>> {
    // Whoever took the key over from us may have been here.
    const slot = await this.attempts.lockSlot(tx, slotOf({ id, orderId }));
    const begun = await this.attempts.lockBegun(tx, id);
    if (begun !== undefined) {
      const { payment, unsettled } = begun;
      if (isTold(payment) || unsettled === undefined) return { kind: 'settled', value: payment };
      if (unsettled.firstSentAt !== null) throw notKnownYet(id);
      // Whatever its lease: only whoever first marks it as sent sends it.
      return { kind: 'call', operations: [unsettled] };
    }
    if (attempt === undefined) throw new Error(`payment ${id} is gone`);
    const live = orderId === null ? undefined : await this.attempts.lock(tx, slot, caller);
    if (live === undefined)
      return { kind: 'call', operations: [await this.attempts.begin(tx, slot, attempt, caller)] };
    const underWay = await this.attempts.underWay(tx, live);
    return underWay ?? { kind: 'call', operations: [await this.attempts.close(tx, live)] };
  }

  private async answer(paymentId: string, settlement: Settlement): Promise<PaymentRow> {
    const payment = await this.payments.find(paymentId);
    if (payment === undefined) throw new Error(`payment ${paymentId} is gone`);
    if (settlement.kind === 'refused') throw withPayment(settlement.error.toServiceError(), paymentId);
    // A webhook may have told what the answer did not.
    if (!isTold(payment)) assertDone(settlement, { paymentId });
    return payment;
  }
}

/** A word of the provider has arrived, if only by a webhook. */
function isTold({ status }: PaymentRow): boolean {
  return status !== 'created' && status !== 'unknown';
}

function notKnownYet(paymentId: string): ServiceError {
  const message = 'the provider has not said yet what came of this charge; it is being found out';
  return new ServiceError('operation_in_doubt', message, { paymentId });
}

function withPayment(refusal: ServiceError, paymentId: string): ServiceError {
  const { code, message, details } = refusal;
  return new ServiceError(code, message, { ...details, paymentId }, { cause: refusal });
}
