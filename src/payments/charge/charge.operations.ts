import { Injectable } from '@nestjs/common';
import type { Tx } from '../../database/database.js';
import { type Cause, JANITOR } from '../../kernel/applied.js';
import { Clock } from '../../kernel/clock.js';
import {
  callOf,
  type OperationHandler,
  OperationHandlers,
  type WriteAnswer,
} from '../../operations/operation.handler.js';
import type { Operation } from '../../operations/operation.store.js';
import { type ChargeResult, chargesDirectly, type ChargesPort } from '../../providers/direct.charges.js';
import { ProviderError } from '../../providers/provider.errors.js';
import type { Outcome } from '../../providers/provider.port.js';
import { ProviderRegistry } from '../../providers/provider.registry.js';
import { Appliers } from '../session/session.operations.js';
import { factsOf } from './charge.facts.js';
import { ChargeRecords } from './charge.records.js';

const CHECK_AFTER_MS = 10 * 60_000;

/** The payment's failure when nothing was charged, for certain, and no provider said why. */
const NEVER_CHARGED = 'never_charged';

/**
 * Makes charges, each of them once: what was sent may move money, and is only ever looked for. Closes those whose buyer
 * does not come back from the bank.
 */
@Injectable()
export class ChargeOperations implements OperationHandler {
  constructor(
    handlers: OperationHandlers,
    private readonly appliers: Appliers,
    private readonly records: ChargeRecords,
    private readonly providers: ProviderRegistry,
    private readonly clock: Clock,
  ) {
    handlers.register(['charge', 'close_charge'], this);
  }

  async lock(tx: Tx, operation: Operation): Promise<void> {
    await this.appliers.own.lock(tx, operation.subjectId);
  }

  async call(operation: Operation, cause: Cause): Promise<Outcome<WriteAnswer>> {
    if (operation.kind === 'close_charge') return this.close(operation, cause);
    // It may have been sent, if only by a process that died: only the first to mark it so may send it.
    if (operation.attempts > 1) return this.find(operation, cause);
    // The buyer who was waiting may be gone, and may have paid in another way.
    return cause === JANITOR ? this.neverCharged(operation, cause) : this.send(operation, cause);
  }

  async refused(tx: Tx, operation: Operation, error: ProviderError, cause: Cause): Promise<void> {
    if (operation.kind === 'close_charge') return this.appliers.own.stayedOpen(tx, operation.subjectId);
    const { providerCode, buyerMessage } = error.details;
    await this.appliers.own.apply(tx, operation.subjectId, 'never_opened', cause, providerCode ?? error.kind);
    await this.records.complete(tx, operation.subjectId, { buyerMessage, checkAt: this.clock.now() });
  }

  async unknown(tx: Tx, { kind, subjectId }: Operation, cause: Cause): Promise<void> {
    if (kind === 'charge') await this.appliers.own.apply(tx, subjectId, 'outcome_unknown', cause);
  }

  private async close(operation: Operation, cause: Cause): Promise<Outcome<WriteAnswer>> {
    const { subjectId, target } = operation;
    const outcome = await this.chargesAt(operation).close(callOf(operation), target ?? '');
    if (!outcome.known) return outcome;
    const { own } = this.appliers;
    return {
      known: true,
      value: (tx) =>
        outcome.value.paid ? own.stayedOpen(tx, subjectId) : own.apply(tx, subjectId, 'closed', cause),
    };
  }

  private async send(operation: Operation, cause: Cause): Promise<Outcome<WriteAnswer>> {
    const { id: operationId, request } = operation;
    try {
      const outcome = await this.chargesAt(operation).send({ operationId, request });
      return outcome.known ? this.answer(operation, outcome.value, cause) : outcome;
    } catch (error) {
      // To be turned away for our pace, or by a fault of theirs, is no proof that nothing was charged.
      if (error instanceof ProviderError && error.retryable) return { known: false, error };
      throw error;
    }
  }

  private async find(operation: Operation, cause: Cause): Promise<Outcome<WriteAnswer>> {
    const { id: operationId, request, firstSentAt } = operation;
    if (firstSentAt === null) throw new Error(`operation ${operationId} was sent, and nobody knows when`);
    const isDue = await this.records.isDue(operation);
    try {
      const charges = this.chargesAt(operation);
      const found = await charges.find({ operationId, request, sentBefore: firstSentAt });
      if (found !== undefined) return this.answer(operation, found, cause);
    } catch (error) {
      // That we may not look says nothing about the charge.
      if (error instanceof ProviderError) return { known: false, error };
      throw error;
    }
    if (isDue && (await this.records.isGone(operation))) return this.neverCharged(operation, cause);
    return { known: false, error: new Error('the charge is not found so far') };
  }

  private answer(operation: Operation, result: ChargeResult, cause: Cause): Outcome<WriteAnswer> {
    const { subjectId } = operation;
    const now = this.clock.now();
    const write = async (tx: Tx): Promise<void> => {
      for (const fact of factsOf(operation, result, now)) await this.appliers.provider.apply(tx, fact, cause);
      const checkAt = new Date(now.getTime() + CHECK_AFTER_MS);
      await this.records.complete(tx, subjectId, { buyerMessage: result.buyerMessage, checkAt });
    };
    return { known: true, value: write };
  }

  private neverCharged({ subjectId }: Operation, cause: Cause): Outcome<WriteAnswer> {
    const { own } = this.appliers;
    return { known: true, value: (tx) => own.apply(tx, subjectId, 'never_opened', cause, NEVER_CHARGED) };
  }

  private chargesAt({ provider: name }: Operation): ChargesPort {
    const provider = this.providers.get(name);
    if (!chargesDirectly(provider)) throw new Error(`${name} does not charge without a checkout page`);
    return provider.charges;
  }
}
